#pragma once

#include <rill/core/tensor.h>

namespace learned_positions {

/// The cosine of each row of a table [n, d] with each other row: [n, n], float64.
rill::Tensor cosines(const rill::Tensor& table);

/// The cosines of all rows that stand `distance` apart: their mean, and their standard deviation,
/// which is 0 where the distance alone decides, or there is a single pair.
struct Similarity {
  int64_t pairs;
  double mean, spread;
};
Similarity similarity_at(const rill::Tensor& cosines, int64_t distance);

}  // namespace learned_positions
