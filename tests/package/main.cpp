#include <rill/rill.h>

#include <cstdlib>
#include <vector>

int main() {
  const rill::Tensor w = rill::tensor({{0.5}, {-1.0}}).requires_grad_();
  rill::matmul(rill::tensor({{1.0, 2.0}, {3.0, 4.0}}), w).pow(2).sum().backward();
  // x w = (-1.5, -2.5) and the gradient is 2 xᵀ (x w) = (-18, -26).
  const bool right = w.grad().to_vector<float>() == std::vector<float>{-18.0f, -26.0f};
  return right ? EXIT_SUCCESS : EXIT_FAILURE;
}
