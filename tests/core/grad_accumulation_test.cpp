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

TEST(GradAccumulation, TakesTheGradOfALeafThatIsFinishedFirst) {
  const Tensor x = ones({1}, float64).requires_grad_(), y = ones({1}, float64).requires_grad_();
  const Tensor held_of_x = tensor({5}, float64), held_of_y = tensor({5}, float64);
  x.set_grad(held_of_x), y.set_grad(held_of_y);
  const Tensor older = y + 0.0, newer = x * 2.0;
  (newer + older).backward(x.grad());
  expect_values(held_of_x, {15});
  expect_values(held_of_y, {10});
}

TEST(GradAccumulation, WritesAGradientThatTwoLeavesShareIntoBoth) {
  const Tensor x = ones({1}, float64).requires_grad_(), y = ones({1}, float64).requires_grad_();
  (x + y).backward();
  const Tensor held_of_x = x.grad(), held_of_y = y.grad();
  (x + y).backward();
  expect_values(held_of_x, {2});
  expect_values(held_of_y, {2});
}

TEST(GradAccumulation, TakesAGradientThatLiesPartlyWhereTheOneBeforeDoes) {
  const Tensor memory = tensor({1, 2, 4}, float64), x = zeros({2}, float64).requires_grad_();
  x.set_grad(memory.narrow(0, 0, 2));
  (x + 0.0).backward(memory.narrow(0, 1, 2));
  expect_values(x.grad(), {3, 6});
}

}  // namespace rill::testing
