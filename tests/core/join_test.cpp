#include <rill/core/autograd.h>
#include <rill/core/ops.h>

#include "tests/support/expect.h"

namespace rill {
namespace {

using testing::expect_error;
using testing::expect_values;

TEST(Cat, JoinsStridedTensors) {
  const Tensor a = tensor({{1.0, 2.0}, {3.0, 4.0}});
  expect_values(cat({a.T(), a}, 1), {1, 3, 1, 2, 2, 4, 3, 4});
  expect_values(cat({a, a.slice(1, 0, 2, 2).expand({2, 2})}, -2), {1, 2, 3, 4, 1, 1, 3, 3});
}

TEST(Cat, SkipsOneDimensionalEmptiesWhichGetEmptyGradients) {
  const Tensor nothing = zeros({0}).requires_grad_();
  const Tensor x = ones({2, 3}).requires_grad_();
  const Tensor joined = cat({nothing, x}, 1);
  EXPECT_EQ(joined.shape(), Shape({2, 3}));
  joined.sum().backward();
  EXPECT_EQ(nothing.grad().shape(), Shape({0}));
  expect_values(x.grad(), {1, 1, 1, 1, 1, 1});
}

TEST(Cat, GradientsOfTheSameTensorTwiceAddUp) {
  const Tensor x = tensor({1.0, 2.0}).requires_grad_();
  cat({x, x}).backward(tensor({1.0, 2.0, 3.0, 4.0}));
  expect_values(x.grad(), {4, 6});
}

TEST(Cat, GradientsDoNotShareMemory) {
  const Tensor a = zeros({2}).requires_grad_();
  const Tensor b = zeros({2}).requires_grad_();
  const Tensor joined = cat({a, b});
  joined.retain_grad();
  joined.backward(tensor({1.0, 2.0, 3.0, 4.0}));
  a.grad().fill_(9);
  expect_values(b.grad(), {3, 4});
  expect_values(joined.grad(), {1, 2, 3, 4});
}

TEST(Cat, RefusesWhatDoesNotFit) {
  expect_error<ValueError>([] { cat({}); }, {"cat: ", "empty"});
  expect_error<ShapeError>([] { cat({scalar(1), scalar(2)}); }, {"no dimensions", "stack"});
  expect_error<ShapeError>(
      [] {
        cat({zeros({2, 3}), zeros({2, 4})});
      },
      {"tensor 1", "[2, 4]", "[2, 3]"});
  expect_error<ShapeError>([] { cat({zeros({2, 3}), zeros({2})}); }, {"[2]", "[2, 3]"});
  expect_error<DTypeError>([] { cat({zeros({2}), zeros({2}, float64)}); }, {"float32", "float64"});
  expect_error<IndexError>([] { cat({zeros({2})}, 1); }, {"1"});
}

TEST(Stack, RefusesUnequalShapes) {
  expect_error<ValueError>([] { stack({}); }, {"stack: ", "empty"});
  expect_error<ShapeError>([] { stack({zeros({1, 3}), zeros({2, 3})}); }, {"tensor 1", "[2, 3]"});
  expect_error<IndexError>([] { stack({zeros({2})}, 2); }, {"2"});
}

TEST(Stack, JoinsScalarsToAVector) {
  expect_values(stack({scalar(1), scalar(2), scalar(3)}), {1, 2, 3});
}

}  // namespace
}  // namespace rill
