#pragma once

#include <rill/core/distributed/detail/ranks.h>
#include <rill/core/distributed/detail/sum_tree.h>

namespace rill::distributed {

/// Sums `items` items, of `numbers` numbers each, that ranks have parts of: rank r those from
/// first_of(r, size, items) on. `own` holds this rank's, and `sum`, which may be the first of them,
/// becomes the same on all ranks. Each adds a slice, and sends it to all: what a rank sends does
/// not grow with their number. To be called within Ranks::post.
void sum_over_ranks(Ranks& ranks, SumTree& own, int64_t items, DType dtype, int64_t numbers,
                    void* sum);

}  // namespace rill::distributed
