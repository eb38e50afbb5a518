#include "similarity.h"

#include <rill/core/ops.h>

#include <algorithm>
#include <cmath>

using rill::Tensor;

namespace learned_positions {

Tensor cosines(const Tensor& table) {
  const Tensor rows = table.detach().to(rill::float64);
  const Tensor units = rows / norm(rows, 2, {1}, true);
  return matmul(units, transpose(units, 0, 1));
}

Similarity similarity_at(const Tensor& cosines, int64_t distance) {
  const int64_t pairs = cosines.size(0) - distance;
  double sum = 0;
  double squares = 0;
  for (int64_t i = 0; i < pairs; ++i) {
    const double cosine = cosines[i][i + distance].item();
    sum += cosine;
    squares += cosine * cosine;
  }
  const double mean = sum / static_cast<double>(pairs);
  return {pairs, mean,
          std::sqrt(std::max(0.0, squares / static_cast<double>(pairs) - mean * mean))};
}

}  // namespace learned_positions
