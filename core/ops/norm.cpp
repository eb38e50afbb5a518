#include <cmath>

#include <rill/core/autograd.h>
#include <rill/core/kernels/reduce.h>
#include <rill/core/ops.h>
#include <rill/core/ops/kernel_call.h>
#include <rill/core/ops/piecewise.h>
#include <rill/core/ops/reduction.h>

namespace rill {
namespace {

using detail::for_floating;
using detail::ReducePlan;
using detail::run;
using kernels::Binary;
using kernels::Unary;

Tensor run_norm(const ReducePlan& r, double p) {
  if (std::isinf(p) && r.reduced == 0)
    fail<IndexError>("there is nothing in ", r.x.shape(), " to take the largest of");
  const Tensor out = Tensor::empty(r.out, r.x.dtype());
  for_floating(out.dtype(), [&]<class T>(T) {
    kernels::norm<T>(r.outer, r.reduced, r.inner, p, r.x.data<T>(), out.data<T>());
  });
  return out;
}

const char* formula(double p) {
  if (p == 1) return "dout · sign(x)";
  if (p == 2) return "dout · x / out, 0 where out = 0";
  if (std::isinf(p)) return "dout · sign(x) / n for the n that reach out, else 0";
  return "dout · r |r|^(p − 2) for r = x / out, 0 where out = 0";
}

/// x |x|^(p − 2), without 0 · ∞.
Tensor signed_power(const Tensor& x, double p) {
  if (p == 2) return x;
  if (p > 2) return mul(x, pow(abs(x), p - 2));
  return mul(run(Unary::sign, x), masked_fill(pow(abs(x), p - 1), eq(x, 0.0), 0.0));
}

/// sign(x), shared by all that reach the norm where p is infinite.
Tensor slope_at_the_largest(const Tensor& x, const Tensor& out) {
  return run(Binary::mul, run(Unary::sign, x), detail::tie_shares(run(Unary::abs, x), out));
}

/// The gradient of the p-norm; dout and out keep the reduced dims.
Tensor gradient(const Tensor& dout, const Tensor& x, const Tensor& out, double p) {
  if (p == 1) return detail::piecewise_constant(mul(dout, run(Unary::sign, x)), x);
  if (std::isinf(p))
    return detail::piecewise_constant(detail::take_share(dout, slope_at_the_largest(x, out)), x);
  const Tensor flat = eq(out, 0.0);
  const Tensor slope = masked_fill(signed_power(div(x, out), p), flat, 0.0);
  return masked_fill(mul(dout, slope), flat, 0.0);
}

}  // namespace

Tensor norm(const Tensor& x, double p, const Shape& dims, bool keepdim) {
  Op op("norm");
  detail::want_floating(x);
  if (!(p > 0)) fail<ValueError>("p is ", p, "; it must be above 0 (1, 2, infinity, ...)");
  const ReducePlan r = detail::reduce_over(x, dims, keepdim);
  const Tensor out = run_norm(r, p);
  return op.record(out, row(x, formula(p), keep(x, out, p, r.kept),
                            [](const Tensor& dout, const Tensor& x, const Tensor& out, double p,
                               const Shape& kept) {
                              return gradient(reshape(dout, kept), x, reshape(out, kept), p);
                            }));
}

}  // namespace rill
