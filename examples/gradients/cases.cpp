#include "cases.h"

#include <rill/core/autograd.h>
#include <rill/core/ops.h>

using rill::Tensor;

namespace gradients {
namespace {

/// Double, so that a nudge is not lost in rounding.
Tensor numbers(const Tensor& x) { return x.to(rill::float64); }

/// A value, and how it was made: by which inputs, and with which slope in each.
struct Node {
  std::vector<std::pair<Node*, double>> inputs;
  double pending = 0;
};

/// Each node passes on what has arrived so far, in this order; the first is y.
double pass_on(const std::vector<Node*>& in_order, Node& x) {
  in_order.front()->pending = 1;
  for (Node* node : in_order)
    for (const auto& [input, slope] : node->inputs) input->pending += node->pending * slope;
  return x.pending;
}

/// The gradient of x in h = x², p = 3 h, y = p + h at x = 2. Where h comes before p, it has passed
/// on its gradient when the rest of it arrives.
double walk(bool p_before_h) {
  Node x, h{{{&x, 4}}}, p{{{&h, 3}}}, y{{{&p, 1}, {&h, 1}}};
  if (p_before_h) return pass_on({&y, &p, &h}, x);
  return pass_on({&y, &h, &p}, x);
}

}  // namespace

Tensor nudge(const std::function<Tensor(const Tensor&)>& f, const Tensor& x) {
  constexpr double h = 1e-6;
  const rill::NoGradGuard no_grad;
  std::vector<double> slopes;
  for (int64_t i = 0; i < x.numel(); ++i) {
    const Tensor up = x.clone(), down = x.clone();
    up.view({-1})[i] += h;
    down.view({-1})[i] -= h;
    slopes.push_back((f(up).item() - f(down).item()) / (2 * h));
  }
  return rill::from_vector(slopes, x.shape());
}

std::vector<Case> cases() {
  return {chain_rule(),
          transpose(),
          bias(),
          two_paths(),
          zero_grad(),
          order(),
          softmax_and_cross_entropy(),
          layer_norm(),
          residual(),
          embedding(),
          dropout(),
          tied_weights()};
}

Case chain_rule() {
  const Tensor x = numbers(rill::tensor(2.0)), b = numbers(rill::tensor(-5.0));
  const Tensor w = numbers(rill::tensor(3.0)).requires_grad_();
  const auto f = [&](const Tensor& weight) { return (weight * x + b).pow(2); };
  const Tensor u = (w * x + b).detach();
  return {"the chain rule", "y = (w·x + b)², gradient of w", 2 * u * x, grad(f(w), w),
          nudge(f, w),      "the inner slope x left out",    2 * u};
}

Case transpose() {
  const Tensor W = numbers(rill::tensor({{1.0, 3.0}, {0.0, -1.0}}));
  const Tensor x = numbers(rill::tensor({{1.0, 2.0}})).requires_grad_();
  const auto f = [&](const Tensor& input) { return matmul(input, W).pow(2).sum() / 2; };
  const Tensor dout = matmul(x, W).detach();
  return {"the transpose",     "y = Σ (x·W)² / 2, gradient of x",
          matmul(dout, W.T()), grad(f(x), x),
          nudge(f, x),         "W in place of Wᵀ",
          matmul(dout, W)};
}

Case bias() {
  const Tensor x =
      numbers(rill::tensor({{1.0, 0.0, 2.0}, {0.0, 1.0, -1.0}, {3.0, 1.0, 0.0}, {0.0, 2.0, 1.0}}));
  const Tensor b = numbers(rill::tensor({0.5, 0.0, -0.5})).requires_grad_();
  const auto f = [&](const Tensor& shift) { return (x + shift).pow(2).sum() / 2; };
  const Tensor dout = (x + b).detach();
  return {
      "the bias",  "y = Σ (x + b)² / 2 over 4 rows, gradient of b", dout.sum({0}), grad(f(b), b),
      nudge(f, b), "the mean of the rows in place of their sum",    dout.mean({0})};
}

Case two_paths() {
  const Tensor w = numbers(rill::tensor(3.0)).requires_grad_();
  const auto f = [](const Tensor& weight) { return weight * weight; };
  const Tensor first = w.detach(), second = w.detach();  // what arrives by either path
  return {"two paths",    "y = w·w, gradient of w",
          first + second, grad(f(w), w),
          nudge(f, w),    "= in place of +=: the second path overwrites the first",
          second};
}

Case zero_grad() {
  const Tensor w = numbers(rill::tensor(3.0)).requires_grad_();
  const auto f = [](const Tensor& weight) { return weight * weight; };
  f(w).backward();
  f(w).backward();
  const Tensor kept = w.grad().clone();
  w.grad().zero_();
  f(w).backward();
  return {"zero_grad",
          "y = w·w once more, in the next step",
          2 * w.detach(),
          w.grad(),
          nudge(f, w),
          "no zero_grad: what the step before left is still there",
          kept};
}

Case order() {
  const Tensor x = numbers(rill::tensor(2.0)).requires_grad_();
  const auto f = [](const Tensor& input) {
    const Tensor h = input.pow(2), p = 3 * h;
    return p + h;
  };
  return {"the order",
          "h = x², p = 3 h, y = p + h, gradient of x",
          numbers(rill::tensor(walk(true))),
          grad(f(x), x),
          nudge(f, x),
          "h passes its gradient on before p has sent its part",
          numbers(rill::tensor(walk(false)))};
}

}  // namespace gradients
