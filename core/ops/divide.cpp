#include <rill/core/autograd.h>
#include <rill/core/ops.h>
#include <rill/core/ops/kernel_call.h>
#include <rill/core/ops/piecewise.h>

// Division that leaves a remainder.

namespace rill {
namespace {

using detail::run;
using detail::scalar_like;
using kernels::Binary;

Tensor run_division(Binary which, const Tensor& a, const Tensor& b) {
  detail::want_same_dtype(a, b);
  detail::want_number(a);
  if (!is_floating(b.dtype()) && run(kernels::Compare::eq, b, scalar_like(b, 0)).any().item<bool>())
    fail<ValueError>("an integer is divided by 0: convert with to(float32), where that is inf");
  return run(which, a, b);
}

}  // namespace

Tensor floor_divide(const Tensor& a, const Tensor& b) {
  Op op("floor_divide");
  op.reads(a, b);
  return op.done(run_division(Binary::floor_divide, a, b));
}

Tensor remainder(const Tensor& a, const Tensor& b) {
  Op op("remainder");
  return op.record(run_division(Binary::remainder, a, b),
                   broadcast_row(a, "dout", [](const Tensor& dout) { return dout; }),
                   broadcast_row(b, "−dout · floor(a / b)", keep(a, b),
                                 [](const Tensor& dout, const Tensor& a, const Tensor& b) {
                                   const Tensor part = neg(dout) * floor_divide(a, b);
                                   return detail::piecewise_constant(
                                       detail::piecewise_constant(part, a), b);
                                 }));
}

Tensor floor_divide(const Tensor& a, double b) { return floor_divide(a, scalar_like(a, b)); }
Tensor remainder(const Tensor& a, double b) { return remainder(a, scalar_like(a, b)); }

}  // namespace rill
