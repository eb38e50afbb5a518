#pragma once

#include <rill/core/tensor.h>

namespace rill::nn {

/// int64 [queries, keys]: position of key j less position of query i, where the queries are the
/// last of the keys. Throws ShapeError unless 0 ≤ queries ≤ keys.
Tensor relative_positions(int64_t queries, int64_t keys);

}  // namespace rill::nn
