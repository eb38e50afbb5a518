#include <cmath>
#include <limits>
#include <numbers>

#include <rill/core/autograd.h>
#include <rill/core/ops.h>
#include <rill/core/ops/kernel_call.h>
#include <rill/core/ops/piecewise.h>
#include <rill/core/ops/pointwise.h>
#include <rill/core/option.h>

// Each activation has a fused kernel for its gradient. That gradient is an op too, with rows of
// its own made of plain ops, so that gradients of gradients of any order exist.

namespace rill {

using detail::pointwise;
using detail::pointwise_by_output;
using detail::run;
using kernels::Binary;
using kernels::Unary;

namespace {

Tensor tanh_grad(const Tensor& dout, const Tensor& out) {
  Op op("tanh_grad");
  return op.record(run(Binary::tanh_grad, dout, out),
                   row(dout, "d · (1 − tanh²)", keep(out),
                       [](const Tensor& d, const Tensor& out) { return tanh_grad(d, out); }),
                   row(out, "−2 d · dout · tanh", keep(dout, out),
                       [](const Tensor& d, const Tensor& dout, const Tensor& out) {
                         return mul(mul(d, dout), out) * -2.0;
                       }));
}

Tensor sigmoid_grad(const Tensor& dout, const Tensor& out) {
  Op op("sigmoid_grad");
  return op.record(run(Binary::sigmoid_grad, dout, out),
                   row(dout, "d · s (1 − s)", keep(out),
                       [](const Tensor& d, const Tensor& out) { return sigmoid_grad(d, out); }),
                   row(out, "d · dout · (1 − 2 s)", keep(dout, out),
                       [](const Tensor& d, const Tensor& dout, const Tensor& out) {
                         return mul(mul(d, dout), 1.0 - out * 2.0);
                       }));
}

Tensor softplus_grad(const Tensor& dout, const Tensor& x) {
  Op op("softplus_grad");
  return op.record(run(Binary::softplus_grad, dout, x),
                   row(dout, "d · sigmoid(x)", keep(x),
                       [](const Tensor& d, const Tensor& x) { return softplus_grad(d, x); }),
                   row(x, "d · dout · s (1 − s), s = sigmoid(x)", keep(dout, x),
                       [](const Tensor& d, const Tensor& dout, const Tensor& x) {
                         return sigmoid_grad(mul(d, dout), sigmoid(x));
                       }));
}

Tensor relu_grad(const Tensor& dout, const Tensor& out) {
  Op op("relu_grad");
  return op.record(run(Binary::relu_grad, dout, out),
                   row(dout, "d where relu(x) > 0, else 0", keep(constant(out)),
                       [](const Tensor& d, const Tensor& out) { return relu_grad(d, out); }));
}

Tensor silu_grad(const Tensor& dout, const Tensor& x) {
  Op op("silu_grad");
  return op.record(run(Binary::silu_grad, dout, x),
                   row(dout, "d · s (1 + x (1 − s)), s = sigmoid(x)", keep(x),
                       [](const Tensor& d, const Tensor& x) { return silu_grad(d, x); }),
                   row(x, "d · dout · s (1 − s) (2 + x (1 − 2 s)), s = sigmoid(x)", keep(dout, x),
                       [](const Tensor& d, const Tensor& dout, const Tensor& x) {
                         const Tensor s = sigmoid(x);
                         const Tensor slope = mul(x, 1.0 - s * 2.0) + 2.0;
                         return mul(sigmoid_grad(mul(d, dout), s), slope);
                       }));
}

Tensor gelu_grad(const Tensor& dout, const Tensor& x) {
  Op op("gelu_grad");
  return op.record(run(Binary::gelu_grad, dout, x),
                   row(dout, "d · (Φ(x) + x φ(x))", keep(x),
                       [](const Tensor& d, const Tensor& x) { return gelu_grad(d, x); }),
                   row(x, "d · dout · φ(x) (2 − x²)", keep(dout, x),
                       [](const Tensor& d, const Tensor& dout, const Tensor& x) {
                         const Tensor square = pow(x, 2);
                         const Tensor density =
                             exp(square * -0.5) / std::sqrt(2 * std::numbers::pi);
                         return mul(mul(d, dout), mul(density, 2.0 - square));
                       }));
}

/// The second derivative of x (1 + tanh u) / 2, u = √(2/π) (x + 0.044715 x³).
Tensor gelu_tanh_curvature(const Tensor& x) {
  const double k = std::sqrt(2 / std::numbers::pi), c = 0.044715;
  const Tensor square = pow(x, 2);
  const Tensor t = tanh(mul(x, square * (k * c) + k));
  const Tensor du = square * (3 * k * c) + k;
  const Tensor ddu = x * (6 * k * c);
  const Tensor bend = mul(ddu, x) * 0.5 - mul(mul(x, t), pow(du, 2));
  return tanh_grad(du + bend, t);
}

Tensor gelu_tanh_grad(const Tensor& dout, const Tensor& x) {
  Op op("gelu_tanh_grad");
  return op.record(
      run(Binary::gelu_tanh_grad, dout, x),
      row(dout, "d · (1 + tanh u + x (1 − tanh² u) u′) / 2, u = √(2/π) (x + 0.044715 x³)", keep(x),
          [](const Tensor& d, const Tensor& x) { return gelu_tanh_grad(d, x); }),
      row(x, "d · dout · (1 − tanh² u) (u′ + x u″ / 2 − x tanh(u) u′²)", keep(dout, x),
          [](const Tensor& d, const Tensor& dout, const Tensor& x) {
            return mul(mul(d, dout), gelu_tanh_curvature(x));
          }));
}

/// log(1 + eˣ).
Tensor plain_softplus(const Tensor& x) {
  return pointwise("softplus", Unary::softplus, x, "dout · sigmoid(x)",
                   [](const Tensor& dout, const Tensor& x) { return softplus_grad(dout, x); });
}

}  // namespace

Tensor tanh(const Tensor& x) {
  return pointwise_by_output(
      "tanh", Unary::tanh, x, "dout · (1 − out²)",
      [](const Tensor& dout, const Tensor& out) { return tanh_grad(dout, out); });
}

Tensor sigmoid(const Tensor& x) {
  return pointwise_by_output(
      "sigmoid", Unary::sigmoid, x, "dout · out · (1 − out)",
      [](const Tensor& dout, const Tensor& out) { return sigmoid_grad(dout, out); });
}

Tensor softplus(const Tensor& x, double beta, double threshold) {
  Op op("softplus");
  op.reads(x);
  detail::want_positive("beta", beta);
  detail::want_not_nan("threshold", threshold);
  const Tensor scaled = beta == 1 ? x : x * beta;
  const Tensor plain = plain_softplus(scaled), curved = beta == 1 ? plain : plain / beta;
  if (threshold == std::numeric_limits<double>::infinity()) return op.done(curved);
  return op.done(where(gt(scaled, threshold), x, curved));
}

Tensor relu(const Tensor& x) {
  Op op("relu");
  detail::want_number(x);
  const Tensor out = run(Unary::relu, x);
  return op.record(
      out, row(x, "dout where x > 0, else 0", keep(out), [](const Tensor& dout, const Tensor& out) {
        return detail::piecewise_constant(relu_grad(dout, out), out);
      }));
}

Tensor leaky_relu(const Tensor& x, double negative_slope) {
  Op op("leaky_relu");
  op.reads(x);
  detail::want_floating(x);
  detail::want_finite("negative_slope", negative_slope);
  return op.done(where(gt(x, 0.0), x, x * negative_slope));
}

Tensor gelu(const Tensor& x) {
  return pointwise("gelu", Unary::gelu, x, "dout · (Φ(x) + x φ(x))",
                   [](const Tensor& dout, const Tensor& x) { return gelu_grad(dout, x); });
}

std::span<const char* const> names_of(Gelu) {
  static constexpr const char* names[] = {"none", "tanh"};
  return names;
}

Tensor gelu(const Tensor& x, Choice<Gelu> approximate) {
  if (approximate == Gelu::exact) return gelu(x);
  return pointwise("gelu", Unary::gelu_tanh, x,
                   "dout · (1 + tanh u + x (1 − tanh² u) u′) / 2, u = √(2/π) (x + 0.044715 x³)",
                   [](const Tensor& dout, const Tensor& x) { return gelu_tanh_grad(dout, x); });
}

Tensor silu(const Tensor& x) {
  return pointwise("silu", Unary::silu, x, "dout · s (1 + x (1 − s)), s = sigmoid(x)",
                   [](const Tensor& dout, const Tensor& x) { return silu_grad(dout, x); });
}

}  // namespace rill
