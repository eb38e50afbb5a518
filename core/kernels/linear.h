#pragma once

#include <cstdint>

namespace rill::kernels {

/// What the gradient of a linear layer, y [rows, out] = x [rows, in] · weightᵀ + bias, is made of
/// and written to; all contiguous, weight [out, in], dbias null if there is no bias.
template <class T>
struct LinearGradients {
  int64_t rows, out, in;
  const T *dout, *x, *weight;
  T *dx, *dweight, *dbias;
};

/// dx = dout · weight, dweight = doutᵀ · x, dbias = Σ dout over the rows. In float32 many rows are
/// gone through once, in two halves whose sums are added, as the sizes alone decide: the results do
/// not depend on the number of threads. T is float or double. Denormal numbers may count as zero.
/// Throws ValueError as gemm.
template <class T>
void linear_backward(const LinearGradients<T>& g);

}  // namespace rill::kernels
