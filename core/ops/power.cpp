#include <rill/core/autograd.h>
#include <rill/core/ops.h>
#include <rill/core/ops/kernel_call.h>
#include <rill/core/ops/pointwise.h>

#include <cmath>

// Powers and roots.

namespace rill {

using detail::run;
using detail::scalar_like;
using kernels::Binary;
using kernels::Unary;

Tensor pow(const Tensor& a, const Tensor& b) {
  Op op("pow");
  detail::want_same_dtype(a, b);
  detail::want_number(a);
  const Tensor out = run(Binary::pow, a, b);
  return op.record(
      out,
      broadcast_row(a, "dout · b · aᵇ⁻¹, 0 where b = 0", keep(a, b),
                    [](const Tensor& dout, const Tensor& a, const Tensor& b) {
                      const Tensor flat = eq(b, 0.0);
                      const Tensor slope = masked_fill(mul(b, pow(a, b - 1.0)), flat, 0.0);
                      return masked_fill(mul(dout, slope), flat, 0.0);
                    }),
      broadcast_row(b, "dout · out · log(a), 0 where a = 0 and b ≥ 0", keep(a, b, out),
                    [](const Tensor& dout, const Tensor& a, const Tensor& b, const Tensor& out) {
                      const Tensor flat = logical_and(eq(a, 0.0), ge(b, 0.0));
                      const Tensor slope = masked_fill(mul(out, log(a)), flat, 0.0);
                      return masked_fill(mul(dout, slope), flat, 0.0);
                    }));
}

namespace {

/// aᵉ by the cheapest kernel; as in PyTorch, a root of −∞ is NaN.
Tensor run_power(const Tensor& a, double exponent) {
  if (a.dtype() == int64 && exponent < 0 && exponent == std::trunc(exponent))
    fail<ValueError>("an integer to the power of ", exponent,
                     " is no integer: convert the tensor with to(float32)");
  if (exponent == 2) return run(Unary::square, a);
  if (exponent == 3) return run(Unary::cube, a);
  if (exponent == 0.5 && is_floating(a.dtype())) return run(Unary::sqrt, a);
  if (exponent == -0.5 && is_floating(a.dtype())) return run(Unary::rsqrt, a);
  if (exponent == -1 && is_floating(a.dtype())) return run(Unary::reciprocal, a);
  return run(Binary::pow, a, scalar_like(a, exponent));
}

}  // namespace

Tensor pow(const Tensor& a, double exponent) {
  Op op("pow");
  detail::want_number(a);
  return op.record(run_power(a, exponent),
                   row(a, "dout · exponent · a^(exponent − 1)", keep(a, exponent),
                       [](const Tensor& dout, const Tensor& a, double exponent) {
                         if (exponent == 0) return zeros_like(dout);
                         if (exponent == 1) return dout;
                         return mul(dout, (exponent == 2 ? a : pow(a, exponent - 1)) * exponent);
                       }));
}

Tensor pow(double base, const Tensor& exponent) {
  return pow(scalar_like(exponent, base), exponent);
}

namespace {

/// The gradient of sqrt, from its output.
Tensor sqrt_grad(const Tensor& dout, const Tensor& root) {
  Op op("sqrt_grad");
  const Tensor out = run(Binary::sqrt_grad, dout, root);
  return op.record(out,
                   row(dout, "d / (2 √x)", keep(root),
                       [](const Tensor& d, const Tensor& root) { return sqrt_grad(d, root); }),
                   row(root, "−d · out / √x", keep(out, root),
                       [](const Tensor& d, const Tensor& out, const Tensor& root) {
                         return neg(div(mul(d, out), root));
                       }));
}

/// The gradient of rsqrt, from its output.
Tensor rsqrt_grad(const Tensor& dout, const Tensor& root) {
  Op op("rsqrt_grad");
  return op.record(run(Binary::rsqrt_grad, dout, root),
                   row(dout, "−½ d · (1/√x)³", keep(root),
                       [](const Tensor& d, const Tensor& root) { return rsqrt_grad(d, root); }),
                   row(root, "−3/2 d · dout · (1/√x)²", keep(dout, root),
                       [](const Tensor& d, const Tensor& dout, const Tensor& root) {
                         return mul(mul(d, dout), mul(root, root)) * -1.5;
                       }));
}

}  // namespace

Tensor sqrt(const Tensor& x) {
  return detail::pointwise_by_output(
      "sqrt", Unary::sqrt, x, "dout / (2 out)",
      [](const Tensor& dout, const Tensor& out) { return sqrt_grad(dout, out); });
}

Tensor rsqrt(const Tensor& x) {
  return detail::pointwise_by_output(
      "rsqrt", Unary::rsqrt, x, "−½ dout · out³",
      [](const Tensor& dout, const Tensor& out) { return rsqrt_grad(dout, out); });
}

}  // namespace rill
