#pragma once

#include <rill/core/kernels/simd/gemm_tile.h>

namespace rill::kernels {

inline constexpr int64_t most_few_rows = 4;

/// A product with k > 0 and up to most_few_rows rows, at least one, on the calling thread, where
/// not both a and b are transposed. How an element of c is summed depends on k and trans_b alone.
/// Null at levels where BLAS does as well.
struct FewRows {
  void (*multiply)(const Product<float>& product);
};

}  // namespace rill::kernels
