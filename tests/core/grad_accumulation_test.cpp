#include <gtest/gtest.h>

#include <rill/core/autograd.h>
#include <rill/core/ops.h>

#include "tests/support/expect.h"

// What a second backward adds into a `.grad` that others hold too.

namespace rill::testing {

TEST(GradAccumulation, LeavesAGradientWithAGraphAsItWas) {
  const Tensor x = tensor({3.0}, float64).requires_grad_();
  x.pow(3).sum().backward({}, {.create_graph = true});
  const Tensor cube = x.grad();  // 3 x², part of a graph
  x.pow(2).sum().backward();
  expect_values(x.grad(), {33});  // 27 + 6
  expect_values(cube, {27});
  expect_values(grad(cube.sum(), x), {18});  // 6 x
}

TEST(GradAccumulation, WritesIntoAGradientWithoutAGraph) {
  const Tensor x = tensor({3.0}, float64).requires_grad_();
  x.pow(3).sum().backward();
  const Tensor held = x.grad();
  x.pow(2).sum().backward();
  expect_values(held, {33});  // as PyTorch: the handle sees what is added
}

}  // namespace rill::testing
