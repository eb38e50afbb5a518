#pragma once

#include <rill/core/kernels/simd/gemm_tile.h>

namespace rill::kernels {

/// A matrix product as it is defined, on the calling thread, T float or double: what `gemm` does
/// with the smallest, and is held to by the tests with all others. k may be 0.
template <class T>
void plain_gemm(const Product<T>& product);

}  // namespace rill::kernels
