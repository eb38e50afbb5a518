#include <rill/core/ops/piecewise.h>

#include <rill/core/autograd.h>
#include <rill/core/ops.h>
#include <rill/core/ops/kernel_call.h>

namespace rill::detail {

Tensor take_share(const Tensor& dout, const Tensor& share) {
  Op op("take_share");
  op.reads(share);
  return op.record(
      run(kernels::Binary::share, dout, share),
      broadcast_row(dout, "d · share, 0 where that is 0", keep(constant(share)),
                    [](const Tensor& d, const Tensor& share) { return take_share(d, share); }));
}

Tensor piecewise_constant(const Tensor& gradient, const Tensor& x) {
  if (!wants_gradient(x)) return gradient;
  Op op("piecewise_constant");
  return op.record(
      make_view(gradient, gradient.shape(), gradient.strides(), gradient.impl()->offset),
      row(gradient, "dout", [](const Tensor& dout) { return dout; }),
      row(x, "0", keep(x.shape()),
          [](const Tensor& dout, const Shape& shape) { return zeros(shape, dout.dtype()); }));
}

Tensor place_of(const Tensor& x) {
  if (!wants_gradient(x)) return {};
  const Tensor place = broadcast_view(scalar(0, x.dtype()), x.shape());
  place.impl()->node = x.impl()->node;
  return place;
}

}  // namespace rill::detail
