// examples/00_backward.cpp: how gradients flow, a whole engine on one page, and rill's numbers.
#include <rill/rill.h>

#include <deque>
#include <functional>
#include <iostream>

#include "support/one_line.h"

using examples::one_line;
using rill::tensor, rill::Tensor;

// The engine. It asks rill for arithmetic, but never for a gradient.
namespace page {
struct Row {  // how the gradient of what an op gave, dout, becomes that of one of its inputs
  struct Node* input;
  std::string formula;
  std::function<Tensor(const Tensor& dout)> gradient;
};
struct Node {  // what an op gave, with a row for each of its inputs; a leaf has none
  std::string name;
  Tensor value;
  std::vector<Row> rows;
  Tensor pending;  // the sum of the gradients that have arrived so far
};
std::deque<Node> graph;  // each node stands behind those that it was made from

Node* record(const std::string& name, const Tensor& value, const std::vector<Row>& rows = {}) {
  std::cout << name << " = " << one_line(value) << "\n";
  graph.push_back({name, value, rows, zeros_like(value)});
  return &graph.back();
}
Node* mul(Node* a, Node* b) {
  return record(a->name + "·" + b->name, a->value * b->value,
                {{a, "dout · b", [=](auto& dout) { return dout * b->value; }},
                 {b, "dout · a", [=](auto& dout) { return dout * a->value; }}});
}
Node* matmul(Node* a, Node* b) {
  return record(a->name + "·" + b->name, matmul(a->value, b->value),
                {{a, "dout · bᵀ", [=](auto& dout) { return matmul(dout, b->value.T()); }},
                 {b, "aᵀ · dout", [=](auto& dout) { return matmul(a->value.T(), dout); }}});
}
Node* add(Node* a, Node* b) {  // b may be a bias [n], which all rows of a [m, n] share
  const auto to_b = [=](auto& dout) { return sum_to(dout, b->value.shape()); };
  return record("(" + a->name + " + " + b->name + ")", a->value + b->value,
                {{a, "dout", [](auto& dout) { return dout; }}, {b, "Σ dout, in b's shape", to_b}});
}
Node* tanh(Node* a) {
  const Tensor out = tanh(a->value);
  const auto to_a = [=](auto& dout) { return dout * (1.0 - out * out); };
  return record("tanh" + a->name, out, {{a, "dout · (1 − out²)", to_a}});
}
Node* relu(Node* a) {
  const auto to_a = [=](auto& dout) { return where(a->value > 0.0, dout, 0.0); };
  return record("relu" + a->name, relu(a->value), {{a, "dout where a > 0, else 0", to_a}});
}
Node* sum(Node* a) {
  const auto to_a = [=](auto& dout) { return dout.expand_as(a->value); };
  return record("Σ " + a->name, sum(a->value), {{a, "dout, for each element", to_a}});
}

void backward(Node* y) {
  y->pending.fill_(1);                                              // dy/dy
  for (auto node = graph.rbegin(); node != graph.rend(); ++node) {  // newest first: all is there
    std::cout << "gradient of " << node->name << " = " << one_line(node->pending) << "\n";
    for (const auto& [input, formula, gradient] : node->rows) {
      const Tensor part = gradient(node->pending);
      input->pending += part;
      std::cout << "  " << input->name << " += " << formula << " = " << one_line(part) << "\n";
    }
  }
}
}  // namespace page

int compare(auto formula, const Tensor& x, const Tensor& w, const Tensor& b) {
  std::cout << "\nforward, and backward from the newest\n";
  page::graph.clear();
  page::Node* const leaves[] = {page::record("x", x), page::record("w", w), page::record("b", b)};
  page::backward(formula(leaves[0], leaves[1], leaves[2]));
  formula(x.requires_grad_(), w.requires_grad_(), b.requires_grad_()).backward();
  int differing = 0;
  for (const page::Node* leaf : leaves) {
    const bool equal = allclose(leaf->pending, leaf->value.grad());
    differing += equal ? 0 : 1;
    std::cout << leaf->name << ": " << one_line(leaf->pending) << (equal ? " equals" : " IS NOT")
              << " rill's " << one_line(leaf->value.grad()) << "\n";
  }
  return differing;
}

int main() {
  const auto numbers = [](auto x, auto w, auto b) { return mul(tanh(add(mul(x, w), b)), w); };
  const auto matrices = [](auto x, auto w, auto b) {
    return sum(relu(add(matmul(tanh(add(matmul(x, w), b)), w), b)));
  };
  const Tensor x = tensor({{1.0, 2.0}, {-1.0, 0.5}, {0.0, 3.0}});
  const Tensor w = tensor({{0.5, -1.0}, {1.0, 0.25}}), b = tensor({0.5, -0.5});
  return compare(numbers, tensor(2.0), tensor(0.5), tensor(-0.25)) + compare(matrices, x, w, b);
}
// Next: examples/02_gradient.cpp, where rill tells the same of itself.
