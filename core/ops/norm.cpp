#include <cmath>

#include <rill/core/autograd.h>
#include <rill/core/kernels/reduce.h>
#include <rill/core/ops.h>
#include <rill/core/ops/kernel_call.h>
#include <rill/core/ops/reduction.h>

namespace rill {
namespace {

using detail::for_floating;
using detail::ReducePlan;
using detail::run;
using detail::scalar_like;
using kernels::Binary;
using kernels::Unary;

Tensor largest_absolutes(ReducePlan r) {
  if (r.reduced == 0)
    fail<IndexError>("there is nothing in ", r.x.shape(), " to take the largest of");
  const Tensor out = Tensor::empty(r.out, r.x.dtype());
  r.x = run(Unary::abs, r.x);
  for_floating(out.dtype(), [&]<class T>(T) {
    kernels::max<T>(r.outer, r.reduced, r.inner, r.x.data<T>(), out.data<T>(), nullptr);
  });
  return out;
}

Tensor power_norm(ReducePlan r, double p) {
  const Tensor out = Tensor::empty(r.out, r.x.dtype());
  r.x = run(Binary::pow, run(Unary::abs, r.x), scalar_like(r.x, p));
  for_floating(out.dtype(), [&]<class T>(T) {
    kernels::sum<T>(r.outer, r.reduced, r.inner, r.x.data<T>(), out.data<T>());
  });
  return run(Binary::pow, out, scalar_like(out, 1 / p));
}

Tensor run_norm(const ReducePlan& r, double p) {
  if (std::isinf(p)) return largest_absolutes(r);
  if (p != 1 && p != 2) return power_norm(r, p);
  const Tensor out = Tensor::empty(r.out, r.x.dtype());
  for_floating(out.dtype(), [&]<class T>(T) {
    if (p == 1)
      kernels::sum_of_absolutes<T>(r.outer, r.reduced, r.inner, r.x.data<T>(), out.data<T>());
    else
      kernels::sum_of_squares<T>(r.outer, r.reduced, r.inner, r.x.data<T>(), out.data<T>());
  });
  return p == 1 ? out : run(Unary::sqrt, out);
}

const char* formula(double p) {
  if (p == 1) return "dout · sign(x)";
  if (p == 2) return "dout · x / out, 0 where out = 0";
  if (std::isinf(p)) return "dout · sign(x) / n for the n that reach out, else 0";
  return "dout · x |x|^(p − 2) / out^(p − 1), 0 where out = 0";
}

/// x |x|^(p − 2), without 0 · ∞.
Tensor signed_power(const Tensor& x, double p) {
  if (p >= 2) return mul(x, pow(abs(x), p - 2));
  return mul(run(Unary::sign, x), masked_fill(pow(abs(x), p - 1), eq(x, 0.0), 0.0));
}

/// The gradient of the p-norm; dout and out keep the reduced dims.
Tensor gradient(const Tensor& dout, const Tensor& x, const Tensor& out, double p) {
  if (p == 1) return mul(dout, run(Unary::sign, x));
  if (std::isinf(p))
    return mul(dout,
               run(Binary::mul, run(Unary::sign, x), detail::tie_shares(run(Unary::abs, x), out)));
  if (p == 2) return mul(dout, masked_fill(div(x, out), eq(out, 0.0), 0.0));
  const Tensor scale = masked_fill(div(dout, pow(out, p - 1)), eq(out, 0.0), 0.0);
  return mul(signed_power(x, p), scale);
}

}  // namespace

Tensor norm(const Tensor& x, double p) { return norm(x, p, {}); }

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
