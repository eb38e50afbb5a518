#include <rill/core/autograd.h>
#include <rill/core/ops.h>
#include <rill/core/random.h>

#include "cases.h"

using rill::Tensor;

namespace gradients {
namespace {

Tensor numbers(const Tensor& x) { return x.to(rill::float64); }

}  // namespace

Case softmax_and_cross_entropy() {
  const Tensor z = numbers(rill::tensor({{2.0, 1.0, 0.0}})).requires_grad_();
  const Tensor target = rill::tensor({0}), y = numbers(rill::tensor({{1.0, 0.0, 0.0}}));
  const auto f = [&](const Tensor& logits) { return cross_entropy(logits, target); };
  const Tensor p = softmax(z.detach(), 1);
  // −1/p for the target, times the slope of p in its own logit.
  const Tensor own_logit_alone = 0 - y / p * (p * (1 - p));
  return {"softmax with cross-entropy",
          "y = −log softmax(z)[0], gradient of z",
          p - y,
          grad(f(z), z),
          nudge(f, z),
          "softmax as if each p depended on its own logit alone",
          own_logit_alone};
}

Case layer_norm() {
  const Tensor x = numbers(rill::tensor({{1.0, 2.0, 6.0}})).requires_grad_();
  const Tensor c = numbers(rill::tensor({{1.0, 0.0, 2.0}}));
  const auto f = [&](const Tensor& input) { return (c * rill::layer_norm(input, {3})).sum(); };
  const Tensor centred = x.detach() - x.detach().mean();
  const Tensor deviation = (centred.pow(2).mean() + 1e-5).sqrt(), out = centred / deviation;
  return {"layer norm",
          "y = Σ c · norm(x), gradient of x",
          (c - c.mean() - out * (c * out).mean()) / deviation,
          grad(f(x), x),
          nudge(f, x),
          "mean and deviation taken for constants",
          c / deviation};
}

Case residual() {
  const Tensor x = numbers(rill::tensor({{0.5, -1.0}})).requires_grad_();
  const auto f = [](const Tensor& input) { return (input + 0.1 * tanh(input)).sum(); };
  const Tensor slope = 0.1 * (1 - tanh(x.detach()).pow(2));
  return {"the residual", "y = Σ x + 0.1 tanh(x), gradient of x", 1 + slope, grad(f(x), x),
          nudge(f, x),    "the way past the layer left out",      slope};
}

Case embedding() {
  const Tensor table = numbers(rill::tensor({{1.0, 0.0}, {0.0, 1.0}, {2.0, 1.0}})).requires_grad_();
  const Tensor ids = rill::tensor({2, 0, 2});
  const Tensor c = numbers(rill::tensor({{1.0, 2.0}, {3.0, 4.0}, {10.0, 20.0}}));
  const auto f = [&](const Tensor& rows) { return (c * rill::embedding(rows, ids)).sum(); };
  const Tensor added = zeros_like(table.detach()), written = zeros_like(table.detach());
  for (int64_t i = 0; i < 3; ++i) {
    const auto id = ids[i].item<int64_t>();
    added[id] += c[i];
    written[id].copy_(c[i]);
  }
  return {
      "the embedding", "y = Σ c · table[2, 0, 2], gradient of the table",
      added,           grad(f(table), table),
      nudge(f, table), "rows written in place of added: of an id that comes twice the last stays",
      written};
}

Case dropout() {
  const Tensor x = numbers(rill::tensor({1.0, 2.0, 3.0, 4.0, 5.0, 6.0})).requires_grad_();
  const Tensor c = numbers(rill::tensor({1.0, 1.0, 2.0, 2.0, 3.0, 3.0}));
  const auto drop = [](const Tensor& input, uint64_t seed) {
    rill::manual_seed(seed);
    return rill::dropout(input, 0.5);
  };
  const auto f = [&](const Tensor& input) { return (c * drop(input, 1)).sum(); };
  const Tensor ones = ones_like(c);
  return {"dropout",         "y = Σ c · dropout(x, 0.5), gradient of x",
          c * drop(ones, 1), grad(f(x), x),
          nudge(f, x),       "a new mask in backward",
          c * drop(ones, 2)};
}

Case tied_weights() {
  const Tensor x = numbers(rill::tensor({{1.0, -1.0}}));
  const Tensor W = numbers(rill::tensor({{0.5, 1.0}, {-1.0, 0.0}})).requires_grad_();
  const auto with = [&](const Tensor& in, const Tensor& out) {
    return matmul(matmul(x, in), out.T()).pow(2).sum() / 2;
  };
  const auto f = [&](const Tensor& weight) { return with(weight, weight); };
  const Tensor w = W.detach(), h = matmul(x, w), dout = matmul(h, w.T());
  const Tensor as_input = matmul(x.T(), matmul(dout, w)), as_output = matmul(dout.T(), h);
  return {"tied weights",
          "y = Σ (x·W·Wᵀ)² / 2, gradient of W",
          as_input + as_output,
          grad(f(W), W),
          nudge(f, W),
          "a detach at one of its two places",
          grad(with(W.detach(), W), W)};
}

}  // namespace gradients
