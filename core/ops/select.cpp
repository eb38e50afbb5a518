#include <rill/core/autograd.h>
#include <rill/core/ops.h>
#include <rill/core/ops/kernel_call.h>

namespace rill {

using detail::run_where;
using detail::scalar_like;

Tensor where(const Tensor& condition, const Tensor& a, const Tensor& b) {
  Op op("where");
  detail::want_bool(condition, "the condition");
  detail::want_same_dtype(a, b);
  return op.record(run_where(condition, a, b),
                   row(a, "dout where condition, else 0", keep(constant(condition), a.shape()),
                       [](const Tensor& dout, const Tensor& condition, const Shape& shape) {
                         return sum_to(where(condition, dout, scalar_like(dout, 0)), shape);
                       }),
                   row(b, "0 where condition, else dout", keep(constant(condition), b.shape()),
                       [](const Tensor& dout, const Tensor& condition, const Shape& shape) {
                         return sum_to(where(condition, scalar_like(dout, 0), dout), shape);
                       }));
}

Tensor masked_fill(const Tensor& x, const Tensor& mask, double value) {
  return masked_fill(x, mask, scalar_like(x, value));
}

Tensor masked_fill(const Tensor& x, const Tensor& mask, const Tensor& value) {
  Op op("masked_fill");
  detail::want_bool(mask, "the mask");
  detail::want_same_dtype(x, value);
  if (value.dims() != 0)
    fail<ShapeError>("the value has shape ", value.shape(), "; it must have no dimensions");
  return op.record(run_where(mask, value, x),
                   row(x, "0 where mask, else dout", keep(constant(mask), x.shape()),
                       [](const Tensor& dout, const Tensor& mask, const Shape& shape) {
                         return sum_to(masked_fill(dout, mask, 0.0), shape);
                       }),
                   row(value, "Σ dout where mask", keep(constant(mask)),
                       [](const Tensor& dout, const Tensor& mask) {
                         return sum(where(mask, dout, scalar_like(dout, 0)));
                       }));
}

}  // namespace rill
