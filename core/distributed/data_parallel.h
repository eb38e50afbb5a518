#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <rill/core/distributed/micro_batch.h>
#include <rill/core/distributed/world.h>
#include <rill/core/state_dict.h>

namespace rill {

/// What a step came to, the same on all ranks.
struct ParallelStep {
  double loss = 0;             // the mean over the whole batch
  bool is_stop_asked = false;  // by any rank, before the step ended
};

/// One exchange of a step, or a wait for it, for a trace: in nanoseconds of a clock.
struct ExchangeBar {
  int64_t step, bucket, bytes, start, end;
  bool is_wait;  // of the step; else the exchange beside it
};

struct DataParallelOptions {
  /// That a bucket has at least, but for the first; it is sent once all of its gradients are there.
  int64_t bucket_bytes = 1 << 22;
  /// Whether take_bars is to have something.
  bool keeps_bars = false;
};

/// Trains one model on all ranks of a world: each has a copy, computes the gradients of its
/// micro-batches, and gets the mean over the whole batch in `.grad`. Numbers depend on the batch
/// and on how many micro-batches it is cut into, and not on the number of ranks, to the bit.
///
///   DataParallel parallel(world, model.named_parameters(), model.named_buffers());
///   for (int64_t step = 0; step < steps; ++step) {
///     parallel.begin_step(step, 4, rows);
///     for (const MicroBatch& part : parallel.parts()) {
///       const MicroBatchDraws draws(part, step);  // dropout
///       parallel.backward(part, loss(x.narrow(0, part.first, part.rows)));
///     }
///     parallel.end_step();
///     optimizer.step();
///   }
///
/// Gradients go out in buckets while backward goes on, those of the last layers first. The world
/// must outlive this.
class DataParallel {
 public:
  /// Makes parameters and buffers those of rank 0. Throws ValueError on all ranks, naming what
  /// differs, where they have other names, shapes or dtypes.
  DataParallel(World& world, const std::vector<NamedTensor>& parameters,
               const std::vector<NamedTensor>& buffers = {},
               const DataParallelOptions& options = {});
  ~DataParallel();
  DataParallel(const DataParallel&) = delete;
  DataParallel& operator=(const DataParallel&) = delete;

  /// Forgets all gradients; a batch of so many rows is cut into micro-batches, each of one row or
  /// more, which are dealt out to the ranks in their order, as evenly as can be. Where there are
  /// fewer than ranks, some have none: these take part in the sums alone. Throws ValueError before
  /// the last step has ended; what differs between ranks is found out in `end_step`.
  void begin_step(int64_t step, int64_t micro_batches, int64_t rows);
  /// Those of this rank, which are all to be given to `backward`, in this order.
  const std::vector<MicroBatch>& parts() const;
  /// Computes the gradients of `loss`, a mean over the rows of `part`. Where it throws, the step
  /// cannot end, and no other begin.
  void backward(const MicroBatch& part, const Tensor& loss);
  /// All ranks are to stop after this step; where its last `backward` is done, after the next.
  void ask_to_stop();
  /// Waits for the gradients of other ranks, and leaves those of the whole batch in `.grad`: views
  /// of the buckets. A parameter that got no gradient from any micro-batch has none; throws
  /// ValueError on all ranks, naming parameter, micro-batches and rank, for one that got it from
  /// some alone, whichever rank has these.
  ParallelStep end_step();

  /// What was exchanged since this was last asked, where the options say so.
  std::vector<ExchangeBar> take_bars();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace rill
