// examples/01_tensor.cpp: what a tensor is: numbers, a shape, and views that share its memory.
// Next: 02_gradient
#include <rill/core/ops.h>
#include <rill/core/tensor.h>

#include <iostream>

#include "support/program.h"

using namespace rill;

int main(int argc, char** argv) {
  const examples::Program program(argc, argv);
  const Tensor x = tensor({{1.0, 2.0, 3.0}, {4.0, 5.0, 6.0}});
  std::cout << "x = " << x << "\n  shape " << to_string(x.shape()) << ", strides "
            << to_string(x.strides()) << ", " << x.numel() << " elements\n\n";

  // A view looks at the same numbers through another shape; nothing is copied.
  const Tensor columns = x.T();
  std::cout << "x.T() = " << columns << "\n  strides " << to_string(columns.strides())
            << ": a step down is a step along\n\n";
  columns[0].fill_(-1);
  std::cout << "after columns[0].fill_(-1), x = " << x << "\n\n";

  // Shapes broadcast: a row [3] is added to each row of [2, 3].
  const Tensor bias = tensor({10.0, 20.0, 30.0});
  std::cout << "x + bias = " << x + bias << "\n\n";

  std::cout << "the mean of each row: " << x.mean({1}) << "\n";
  std::cout << "x · xᵀ = " << matmul(x, x.T()) << "\n";

  // What cannot be done says what was asked, what was found, and why it does not fit.
  try {
    std::cout << matmul(x, x);
  } catch (const ShapeError& error) {
    std::cout << "\nmatmul(x, x) throws: " << error.what() << "\n";
  }
}
