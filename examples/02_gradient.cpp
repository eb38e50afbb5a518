// examples/02_gradient.cpp: y = Σ (x·w)², and where its gradient comes from. One level down, a
// layer is such a product with a bias: nn/linear.cpp.
#include <rill/core/autograd.h>
#include <rill/core/ops.h>

#include <iostream>

using namespace rill;

/// Prints what was recorded, from the result back to the leaves.
void print_graph(const Node& node, int depth) {
  std::cout << std::string(static_cast<size_t>(2 * depth), ' ') << node.name() << "\n";
  for (const Input& input : node.inputs()) {
    if (!input.node) continue;
    std::cout << std::string(static_cast<size_t>(2 * depth + 2), ' ')
              << "gradient of this input: " << input.formula << "\n";
    print_graph(*input.node, depth + 1);
  }
}

int main() {
  const Tensor x = tensor({{1.0, 2.0}, {3.0, 4.0}});
  const Tensor w = tensor({{0.5}, {-1.0}}).requires_grad_();

  const Tensor y = matmul(x, w).pow(2).sum();
  std::cout << "y = " << y << "\n\nwhat was recorded:\n";
  print_graph(*y.grad_fn(), 1);

  y.backward();
  std::cout << "\ndy/dw = " << w.grad() << "\n";
  std::cout << "2 xᵀ(x·w) = " << 2.0 * matmul(x.T(), matmul(x, w.detach())) << "\n";
}
