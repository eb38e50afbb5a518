#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <rill/core/distributed/data_parallel.h>
#include <rill/core/distributed/detail/bucket.h>
#include <rill/core/distributed/detail/slot.h>

namespace rill {
namespace distributed {

// The first buckets, which hold no gradients.
constexpr size_t rank_bucket = 0;  // of each rank a row: its wish to stop, and what begin_step got
constexpr size_t loss_bucket = 1;
constexpr size_t first_of_gradients = 2;

enum class Phase { between_steps, in_step, in_backward, failed };

}  // namespace distributed

/// Where a DataParallel is in a step, and what it does with the gradients.
struct DataParallel::State {
  using Phase = distributed::Phase;
  using Slot = distributed::Slot;

  World& world;
  const DataParallelOptions options;
  std::vector<Slot> slots = {};  // in the order in which their gradients are expected
  std::vector<distributed::Bucket> buckets = {};
  Phase phase = Phase::between_steps;
  int64_t step = 0, micro_batches = 0, rows = 0;
  std::vector<MicroBatch> parts = {};
  size_t done = 0;  // of parts
  bool is_stop_asked = false;
  std::vector<int64_t> missing = {};  // gradients of the micro-batch at hand, by bucket
  std::vector<bool> is_closed = {};   // for that micro-batch, by bucket
  size_t next_to_send = 0;
  std::vector<ExchangeBar> bars = {};

  /// Removes its hooks, and gives up exchanges that still run.
  ~State();
  /// Throws ValueError where `call` comes in another phase.
  void want(Phase wanted, const char* call) const;

  // Before the first step.
  void add_slots(const std::vector<NamedTensor>& parameters);
  void watch(Slot& slot);

  // In a step.
  void begin_step();
  void run_micro_batch(const Tensor& loss);
  void expect_gradients();
  void arrive(Slot& slot, const Tensor& gradient);
  void put_loss(double part_of_loss);
  void put_rank();
  template <class Condition>
  void close_gradients_where(const Condition& condition);
  void close_gradients(size_t bucket);
  void close(size_t bucket, int64_t item);
  void send_those_closed();
  void forget_gradients() const;

  // At its end.
  std::vector<Tensor> receive_all();
  Tensor receive(size_t bucket);
  void want_same_step(const std::vector<double>& sums) const;
  void want_all_or_none(const std::vector<Tensor>& sums) const;
  std::string missing_here(const Slot& slot) const;
};

}  // namespace rill
