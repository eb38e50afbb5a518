#include <gtest/gtest.h>

#include <cmath>
#include <type_traits>

#include <rill/core/random.h>
#include <rill/nn/linear.h>

#include "tests/support/expect.h"
#include "tests/support/layer_case.h"

namespace rill::testing {

TEST(Linear, StartsUniformWithinOneOverTheRootOfItsWidth) {
  manual_seed(1);
  const nn::Linear linear(64, 300);
  EXPECT_EQ(linear.weight.shape(), (Shape{300, 64}));
  for (const Tensor& parameter : {linear.weight, linear.bias}) {
    EXPECT_LE(parameter.abs().max().item(), 0.125);
    EXPECT_GT(parameter.abs().max().item(), 0.12);
    EXPECT_NEAR(parameter.mean().item(), 0, 0.03);
  }
}

TEST(Linear, WithoutABiasHasNone) {
  const nn::Linear linear(2, 3, {.bias = false});
  EXPECT_FALSE(linear.bias.defined());
  EXPECT_EQ(linear.parameter_count(), 6);
  EXPECT_EQ(nn::Linear(2, 3, false).parameter_count(), 6);
  EXPECT_EQ(nn::Linear(2, 3, true).parameter_count(), 9);
  static_assert(!std::is_constructible_v<nn::Linear, int, int, int>);
}

TEST(Linear, TiedWeightIsTheSameTensor) {
  const nn::Linear first(2, 3);
  const nn::Linear second(first.weight);
  EXPECT_EQ(second.weight.impl(), first.weight.impl());
  EXPECT_FALSE(second.bias.defined());
}

TEST(Linear, TyingDoesNotThawAFrozenWeight) {
  EXPECT_FALSE(nn::Linear(ones({2, 2})).weight.requires_grad());
}

TEST(Linear, WrongWidthShowsBothShapes) {
  expect_error<ShapeError>([] { nn::Linear(4, 2)(ones({3, 5})); }, {"[3, 5]", "4"});
}

TEST(Linear, TrainsItsParameters) {
  const nn::Linear linear(3, 2);
  expect_trains_exactly_its_parameters(linear, linear(ones({4, 3})).sum());
}

}  // namespace rill::testing
