#pragma once

#include <rill/core/kernels/simd/gemm_tile.h>

namespace rill::kernels {

/// A product of one row, its elements side by side (trans_a is not looked at), on the calling
/// thread. How an element of c is summed depends on k and trans_b alone. Null at levels where BLAS
/// does as well.
struct RowProduct {
  void (*multiply)(const Product<float>& product);
};

}  // namespace rill::kernels
