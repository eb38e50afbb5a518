#pragma once

#include <cstdint>
#include <vector>

#include <rill/core/random.h>

namespace rill {

/// A part of a step's batch, of which one rank computes the gradient.
struct MicroBatch {
  int64_t number;  // among those of the step, on all ranks
  int64_t first;   // of its rows in the whole batch
  int64_t rows;
  double share;  // of all rows
};

/// Those of a rank, where a batch of so many rows is cut into `count`: dealt out in their order, as
/// evenly as can be. Where there are fewer than ranks, some have none.
std::vector<MicroBatch> micro_batches_of(int rank, int size, int64_t count, int64_t rows);

/// While it lives, the default generator draws numbers of this micro-batch's own, whichever rank
/// has it; afterwards it is as it was before.
class MicroBatchDraws {
 public:
  [[nodiscard]] MicroBatchDraws(const MicroBatch& part, int64_t step);
  ~MicroBatchDraws();
  MicroBatchDraws(const MicroBatchDraws&) = delete;
  MicroBatchDraws& operator=(const MicroBatchDraws&) = delete;

 private:
  Generator before_;
};

}  // namespace rill
