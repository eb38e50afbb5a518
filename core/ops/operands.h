#pragma once

#include <rill/core/error.h>
#include <rill/core/ops/kernel_call.h>
#include <rill/core/tensor.h>

// What ops ask of their operands before a kernel sees them.

namespace rill::detail {

/// Throws DTypeError unless `x`, which is the op's `role` ("weight"), holds float32 or float64.
inline void check_floating(const char* role, const Tensor& x) {
  if (!is_floating(x.dtype()))
    fail<DTypeError>(role, " is ", x.dtype(),
                     ", but must be float32 or float64: convert with to()");
}

/// Throws DTypeError unless both hold the same element type.
inline void check_same_dtype(const char* role_a, const Tensor& a, const char* role_b,
                             const Tensor& b) {
  if (a.dtype() != b.dtype())
    fail<DTypeError>(role_a, " is ", a.dtype(), " and ", role_b, " is ", b.dtype(),
                     ": convert one of them with to()");
}

/// Calls f(float()) or f(double()), as the dtype says.
template <class F>
void with_floating(DType dtype, F f) {
  if (dtype == float64)
    f(double());
  else
    f(float());
}

/// The index, in a tensor of shape `sizes`, of its i-th element in row-major order.
inline Shape index_of(int64_t i, const Shape& sizes) {
  Shape index = sizes;
  for (int d = sizes.dims() - 1; d >= 0; --d) {
    index[d] = i % sizes[d];
    i /= sizes[d];
  }
  return index;
}

/// `x`, or a row-major copy outside the graph, for a kernel; undefined stays undefined.
inline Tensor packed(const Tensor& x) { return x.defined() ? row_major(x) : x; }

}  // namespace rill::detail
