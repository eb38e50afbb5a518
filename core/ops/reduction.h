#pragma once

#include <rill/core/tensor.h>

// How the ops that reduce dimensions see a tensor.

namespace rill::detail {

/// A reduction as kernels see it: `x` is row-major, [outer, reduced, inner].
struct ReducePlan {
  Tensor x;
  int64_t outer = 1, reduced = 1, inner = 1;
  Shape kept;  // the sizes of the tensor, 1 where they were reduced
  Shape out;   // the sizes of the result
};

/// The dims that `dims` names ({} is all), counted from the front and sorted. Throws IndexError, or
/// ShapeError where one stands there twice.
Shape reduced_dims(const Shape& dims, int of_dims);

/// The reduction of x over `dims` ({} is all). x is copied where it is not row-major, or where the
/// dims are not neighbours. Throws IndexError, or ShapeError where a dim stands there twice.
ReducePlan reduce_over(const Tensor& x, const Shape& dims, bool keepdim);

/// 1/n for each of the n elements of x that equal `extremum` in their reduced group, else 0; NaN
/// counts as equal to NaN. `extremum` keeps the reduced dims. Outside the graph.
Tensor tie_shares(const Tensor& x, const Tensor& extremum);

/// A reduced tensor (or its gradient) stretched back over what it was reduced from: `kept` has the
/// reduced dims with size 1. Differentiable.
Tensor stretch(const Tensor& x, const Shape& kept, const Shape& shape);

/// Zeros like `place` with x added where `indices` says along `dim`: the gradient of what was
/// chosen there. `place` is that of what it was chosen from, in the graph.
Tensor put_back(const Tensor& x, int dim, const Tensor& indices, const Tensor& place);

}  // namespace rill::detail
