#include <rill/core/ops/reduction.h>

#include <rill/core/autograd.h>
#include <rill/core/kernels/wrap.h>
#include <rill/core/ops.h>
#include <rill/core/ops/kernel_call.h>
#include <rill/core/ops/piecewise.h>

namespace rill::detail {
namespace {

Shape all_dims(int count) {
  Shape dims;
  for (int d = 0; d < count; ++d) dims.push_back(d);
  return dims;
}

bool are_neighbours(const Shape& dims) {
  return dims.empty() || dims.back() - dims[0] + 1 == dims.dims();
}

bool contains(const Shape& dims, int64_t dim) {
  for (const int64_t one : dims)
    if (one == dim) return true;
  return false;
}

/// x with the dims that `moved` names behind the others, outside the graph.
Tensor with_last(const Tensor& x, const Shape& moved) {
  Shape sizes, strides;
  for (const bool last : {false, true})
    for (int d = 0; d < x.dims(); ++d)
      if (contains(moved, d) == last) {
        sizes.push_back(x.shape()[d]);
        strides.push_back(x.strides()[d]);
      }
  return make_view(x, sizes, strides, x.impl()->offset);
}

void set_shapes(ReducePlan& plan, const Shape& shape, const Shape& dims, bool keepdim) {
  plan.kept = shape;
  for (int d = 0; d < shape.dims(); ++d) {
    if (contains(dims, d)) plan.kept[d] = 1;
    if (keepdim || !contains(dims, d)) plan.out.push_back(plan.kept[d]);
  }
}

}  // namespace

Shape reduced_dims(const Shape& dims, int of_dims) {
  return dims.empty() ? all_dims(of_dims) : normalize_dims(dims, of_dims);
}

ReducePlan reduce_over(const Tensor& x, const Shape& dims, bool keepdim) {
  const Shape over = reduced_dims(dims, x.dims());
  ReducePlan plan;
  set_shapes(plan, x.shape(), over, keepdim);
  const bool in_place = are_neighbours(over);
  for (int d = 0; d < x.dims(); ++d) {
    int64_t& count = contains(over, d)             ? plan.reduced
                     : in_place && d > over.back() ? plan.inner
                                                   : plan.outer;
    count = kernels::wrapped_product(count, x.shape()[d]);
  }
  plan.x = row_major(in_place ? x : with_last(x, over));
  return plan;
}

Tensor tie_shares(const Tensor& x, const Tensor& extremum) {
  const NoGradGuard no_grad;
  const Tensor both_nan = logical_and(isnan(x), isnan(extremum));
  const Tensor equal = to(logical_or(eq(x, extremum), both_nan), x.dtype());
  return div(equal, sum_to(equal, extremum.shape()));
}

Tensor stretch(const Tensor& x, const Shape& kept, const Shape& shape) {
  return expand(reshape(x, kept), shape);
}

Tensor put_back(const Tensor& x, int dim, const Tensor& indices, const Tensor& place) {
  if (place.dims() == 0) return piecewise_constant(x, place);
  const Tensor chosen = scatter_add(zeros(place.shape(), x.dtype()), dim, indices, x);
  return piecewise_constant(chosen, place);
}

}  // namespace rill::detail
