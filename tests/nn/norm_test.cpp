#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include <rill/core/ops.h>
#include <rill/core/random.h>
#include <rill/nn/layer_norm.h>
#include <rill/nn/rms_norm.h>

#include "tests/support/expect.h"
#include "tests/support/layer_case.h"

namespace rill::testing {

TEST(LayerNorm, StartsAsOnesAndZeros) {
  const nn::LayerNorm norm({2, 3});
  expect_values(norm.weight, {1, 1, 1, 1, 1, 1});
  expect_values(norm.bias, {0, 0, 0, 0, 0, 0});
}

TEST(LayerNorm, AffinePartAndBiasAreOptional) {
  EXPECT_TRUE(nn::LayerNorm(4, {.elementwise_affine = false}).parameters().empty());
  const nn::LayerNorm without_bias(4, {.bias = false});
  EXPECT_EQ(without_bias.parameter_count(), 4);
}

TEST(LayerNorm, TakesItsOptionsByPosition) {
  const nn::LayerNorm plain(4, 1e-3, false), without_bias({2, 4}, 1e-3, true, false);
  EXPECT_EQ(plain.eps(), 1e-3);
  EXPECT_EQ(plain.parameter_count(), 0);
  EXPECT_EQ(without_bias.normalized_shape(), (Shape{2, 4}));
  EXPECT_EQ(without_bias.parameter_count(), 8);
  EXPECT_EQ(nn::LayerNorm(std::vector<int64_t>{2, 4}).parameter_count(), 16);
}

TEST(RMSNorm, TakesItsOptionsByPosition) {
  EXPECT_EQ(nn::RMSNorm({2, 4}, 1e-3, false).parameter_count(), 0);
  EXPECT_EQ(nn::RMSNorm(4, 1e-3).eps(), 1e-3);
  EXPECT_EQ(nn::RMSNorm(4, 1e-3).normalized_shape(), Shape{4});
}

TEST(LayerNorm, UsesTheBiasedVariance) {
  // mean 2, var ((1 + 1) / 2) = 1.
  expect_values(nn::LayerNorm(2)(tensor({1.0, 3.0})), {-1, 1}, 1e-5);
}

TEST(LayerNorm, StaysRightWithALargeMeanAndASmallVariance) {
  manual_seed(1);
  const Tensor x = (randn({4, 64}) * 1e-3 + 1e4).to(float32);
  const nn::LayerNorm norm(64);
  const Tensor exact = layer_norm(x.to(float64), {64});
  EXPECT_LE((norm(x).to(float64) - exact).abs().max().item(), 1e-6);
}

TEST(LayerNorm, AnotherWidthIsRefused) {
  expect_error<ShapeError>([] { nn::LayerNorm(4)(ones({2, 5})); }, {"[4]", "[2, 5]"});
}

TEST(RMSNorm, DividesByTheRootMeanSquare) {
  // mean(x²) = (9 + 16) / 2.
  const double rms = std::sqrt(12.5);
  expect_values(nn::RMSNorm(2)(tensor({3.0, 4.0})), {3 / rms, 4 / rms}, 1e-6);
}

TEST(RMSNorm, AnotherWidthIsRefused) {
  expect_error<ShapeError>([] { nn::RMSNorm(4)(ones({2, 5})); }, {"[4]", "[2, 5]"});
}

TEST(RMSNorm, TrainsItsParameters) {
  const nn::RMSNorm norm(3);
  expect_trains_exactly_its_parameters(norm, norm(tensor({{1.0, -2.0, 0.5}})).pow(2).sum());
}

TEST(RMSNorm, DefaultEpsIsTheMachineEpsilonOfTheDtype) {
  const Tensor tiny = full({1}, 1e-4);
  const double expected = 1e-4 / std::sqrt(1e-8 + 1.1920929e-7);
  expect_values(nn::RMSNorm(1)(tiny), {expected}, 1e-6);
  const nn::RMSNorm norm64(1);
  norm64.to(float64);
  expect_values(norm64(tiny.to(float64)), {1}, 1e-6);
}

}  // namespace rill::testing
