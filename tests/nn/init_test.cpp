#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include <rill/core/error.h>
#include <rill/core/ops.h>
#include <rill/core/random.h>
#include <rill/nn/init.h>

#include "tests/support/expect.h"

namespace rill::testing {
namespace {

namespace init = nn::init;

constexpr int64_t many = 20000;

struct Moments {
  double mean, std, min, max;
};

Moments moments_of(const Tensor& tensor) {
  const std::vector<double> values = tensor.to_vector();
  double sum = 0, squares = 0;
  for (const double x : values) sum += x, squares += x * x;
  const double n = static_cast<double>(values.size());
  return {sum / n, std::sqrt(squares / n - sum / n * (sum / n)), *std::ranges::min_element(values),
          *std::ranges::max_element(values)};
}

/// Five standard errors of the mean of so many draws.
double mean_bound(double std, int64_t draws = many) {
  return 5 * std / std::sqrt(static_cast<double>(draws));
}

}  // namespace

TEST(Init, UniformFillsTheRangeInPlace) {
  Generator generator(1);
  const Tensor x = zeros({many});
  EXPECT_EQ(init::uniform_(x, -2, 4, generator).impl(), x.impl());
  const Moments m = moments_of(x);
  EXPECT_NEAR(m.mean, 1, mean_bound(std::sqrt(3.0)));
  EXPECT_NEAR(m.std, std::sqrt(3.0), 0.03);  // (4 - -2) / √12
  EXPECT_GE(m.min, -2);
  EXPECT_LE(m.max, 4);
  EXPECT_THROW(init::uniform_(x, 1, 0), ValueError);
}

TEST(Init, NormalHasItsMeanAndSpread) {
  Generator generator(2);
  const Moments m = moments_of(init::normal_(zeros({many}), 3, 0.5, generator));
  EXPECT_NEAR(m.mean, 3, mean_bound(0.5));
  EXPECT_NEAR(m.std, 0.5, 0.0125);  // five standard errors, std / √(2 n)
  EXPECT_THROW(init::normal_(zeros({1}), 0, -1), ValueError);
}

TEST(Init, SameSeedGivesTheSameNumbers) {
  Generator one(7), other(7);
  const Tensor a = init::normal_(zeros({50}), 0, 1, one);
  EXPECT_EQ(a.to_vector(), init::normal_(zeros({50}), 0, 1, other).to_vector());
  EXPECT_NE(a.to_vector(), init::normal_(zeros({50}), 0, 1, one).to_vector());
}

TEST(Init, WritesToALeafThatWantsAGradientAndRaisesItsVersion) {
  const Tensor weight = zeros({2}).requires_grad_();
  const uint32_t before = weight.version();
  init::constant_(weight, 3);
  expect_values(weight, {3, 3});
  EXPECT_GT(weight.version(), before);
  EXPECT_TRUE(weight.is_leaf());
}

TEST(Init, XavierBoundsUseBothFans) {
  // [out 30, in 10, 2, 2]: fan_in 40, fan_out 120; a = 2 √(6 / 160), σ = 2 √(2 / 160).
  Generator generator(3);
  const Moments uniform = moments_of(init::xavier_uniform_(zeros({30, 10, 2, 2}), 2, generator));
  EXPECT_NEAR(uniform.max, 2 * std::sqrt(6.0 / 160), 0.01);
  EXPECT_LE(uniform.max, 2 * std::sqrt(6.0 / 160));
  const Moments normal = moments_of(init::xavier_normal_(zeros({30, 10, 2, 2}), 2, generator));
  EXPECT_NEAR(normal.std, 2 * std::sqrt(2.0 / 160), 0.025);
}

TEST(Init, KaimingUsesOneFanAndTheGain) {
  // Defaults: gain √2 and fan_in 100: bound √(6 / 100).
  Generator generator(4);
  const Moments standard = moments_of(init::kaiming_uniform_(zeros({50, 100}), {}, generator));
  EXPECT_NEAR(standard.max, std::sqrt(6.0 / 100), 0.001);
  // tanh: gain 5/3, fan_out 50: σ = 5/3 / √50.
  const Moments normal = moments_of(init::kaiming_normal_(
      zeros({50, 100}), {.mode = init::Fan::out, .nonlinearity = init::Nonlinearity::tanh},
      generator));
  EXPECT_NEAR(normal.std, 5.0 / 3 / std::sqrt(50.0), 0.012);
}

TEST(Init, KaimingTakesStringsAndPyTorchsOrder) {
  const auto drawn = [](const auto& fill) {
    manual_seed(3);
    return fill(zeros({4, 9})).to_vector();
  };
  const init::KaimingOptions relu{.mode = init::Fan::out, .nonlinearity = init::Nonlinearity::relu};
  const auto uniform = drawn([&](auto w) { return init::kaiming_uniform_(w, relu); });
  EXPECT_EQ(drawn([](auto w) {
              return init::kaiming_uniform_(w, {.mode = "fan_out", .nonlinearity = "relu"});
            }),
            uniform);
  EXPECT_EQ(drawn([](auto w) { return init::kaiming_uniform_(w, 0, "fan_out", "relu"); }), uniform);
  EXPECT_EQ(drawn([](auto w) { return init::kaiming_normal_(w, 0, "fan_out", "relu"); }),
            drawn([&](auto w) { return init::kaiming_normal_(w, relu); }));
  Generator generator(3), same(3);
  EXPECT_EQ(init::kaiming_uniform_(zeros({4, 9}), 0, "fan_out", "relu", generator).to_vector(),
            init::kaiming_uniform_(zeros({4, 9}), {.mode = "fan_out", .nonlinearity = "relu"}, same)
                .to_vector());
  expect_error<ValueError>(
      [] {
        init::kaiming_normal_(zeros({2, 2}), {.mode = "in"});
      },
      {"\"in\"", "fan_in, fan_out"});
}

TEST(Init, FansNeedTwoDimensions) {
  expect_error<ShapeError>([] { init::xavier_uniform_(zeros({4})); }, {"2 dimensions", "[4]"});
  EXPECT_THROW(init::kaiming_normal_(zeros({4})), ShapeError);
}

TEST(Init, GainsArePyTorchs) {
  using init::Nonlinearity;
  EXPECT_DOUBLE_EQ(init::calculate_gain(Nonlinearity::linear), 1);
  EXPECT_DOUBLE_EQ(init::calculate_gain(Nonlinearity::sigmoid), 1);
  EXPECT_DOUBLE_EQ(init::calculate_gain(Nonlinearity::tanh), 1.6666666666666667);
  EXPECT_DOUBLE_EQ(init::calculate_gain(Nonlinearity::relu), 1.4142135623730951);
  EXPECT_DOUBLE_EQ(init::calculate_gain(Nonlinearity::leaky_relu), 1.4141428569978354);
  EXPECT_DOUBLE_EQ(init::calculate_gain(Nonlinearity::leaky_relu, 0.2), 1.3867504905630728);
  EXPECT_DOUBLE_EQ(init::calculate_gain(Nonlinearity::selu), 0.75);
  EXPECT_DOUBLE_EQ(init::calculate_gain("leaky_relu", 0.2), 1.3867504905630728);
  EXPECT_DOUBLE_EQ(init::calculate_gain("selu"), 0.75);
  for (const char* one : {"linear", "sigmoid"}) EXPECT_EQ(init::calculate_gain(one), 1);
  EXPECT_DOUBLE_EQ(init::calculate_gain("tanh"), 5.0 / 3);
}

TEST(Init, TruncatedNormalKeepsItsBoundsAndItsMoments) {
  // N(0, 1) on [-1, 2]: mean (φ(1) - φ(2)) / (Φ(2) - Φ(-1)) = 0.2296372, std 0.7209456.
  Generator generator(5);
  const Moments m = moments_of(init::trunc_normal_(zeros({many}), 0, 1, -1, 2, generator));
  EXPECT_NEAR(m.mean, 0.2296372, mean_bound(0.7209456));
  EXPECT_NEAR(m.std, 0.7209456, 0.015);
  EXPECT_GE(m.min, -1);
  EXPECT_LE(m.max, 2);
}

TEST(Init, TruncatedNormalBoundsAreAbsolute) {
  // With std 0.02 the default bounds of ±2 cut nothing.
  Generator generator(6);
  EXPECT_NEAR(moments_of(init::trunc_normal_(zeros({many}), 0, 0.02, -2, 2, generator)).std, 0.02,
              0.0005);
}

TEST(Init, NormalsTakeTheirNumbersByNameToo) {
  manual_seed(1);
  const Tensor normal = init::normal_(zeros({50}), 3, 0.5);
  const Tensor truncated = init::trunc_normal_(zeros({50}), 1, 2, 0, 3);
  manual_seed(1);
  EXPECT_TRUE(equal(init::normal_(zeros({50}), {.mean = 3, .std = 0.5}), normal));
  Generator own(1);
  EXPECT_TRUE(equal(init::normal_(zeros({50}), {.mean = 3, .std = 0.5}, own), normal));
  EXPECT_TRUE(
      equal(init::trunc_normal_(zeros({50}), {.mean = 1, .std = 2, .a = 0, .b = 3}), truncated));
}

TEST(Init, TruncatedNormalFarOutInTheTailEnds) {
  // N(0, 1) on [5, 6]: mean (φ(5) - φ(6)) / (Φ(6) - Φ(5)) = 5.1831471, std 0.1716.
  Generator generator(7);
  const Moments near = moments_of(init::trunc_normal_(zeros({2000}), 0, 1, 5, 6, generator));
  EXPECT_NEAR(near.mean, 5.1831471, mean_bound(0.1716, 2000));
  EXPECT_GE(near.min, 5);
  EXPECT_LE(near.max, 6);
  const double infinity = std::numeric_limits<double>::infinity();
  // On [5, inf): mean φ(5) / (1 - Φ(5)) = 5.1865040, std 0.1808.
  const Moments wide = moments_of(init::trunc_normal_(zeros({2000}), 0, 1, 5, infinity, generator));
  EXPECT_NEAR(wide.mean, 5.1865040, mean_bound(0.1808, 2000));
  const Moments left = moments_of(init::trunc_normal_(zeros({100}), 0, 1, -9, -8, generator));
  EXPECT_LE(left.max, -8);
}

TEST(Init, TruncatedNormalRefusesNonsense) {
  EXPECT_THROW(init::trunc_normal_(zeros({1}), 0, 1, 2, 1), ValueError);
  EXPECT_THROW(init::trunc_normal_(zeros({1}), 0, -1), ValueError);
  EXPECT_THROW(init::trunc_normal_(zeros({1}), 0, 1, std::nan(""), 1), ValueError);
  expect_values(init::trunc_normal_(zeros({2}), 5, 0), {2, 2});
}

TEST(Init, ASkipGuardLeavesTensorsAndTheGeneratorAsTheyAre) {
  Generator generator(1);
  {
    const init::SkipGuard outer;
    { const init::SkipGuard inner; }
    expect_values(init::normal_(ones({2}), 0, 1, generator), {1, 1});
    expect_values(init::kaiming_uniform_(ones({1, 2}), {}, generator), {1, 1});
    expect_values(init::trunc_normal_(ones({2}), 0, 1, -2, 2, generator), {1, 1});
    EXPECT_EQ(generator.offset(), 0u);
    EXPECT_THROW(init::normal_(ones({2}), 0, -1, generator), ValueError);
    expect_values(init::zeros_(ones({2})), {0, 0});
  }
  EXPECT_NE(init::normal_(ones({1}), 0, 1, generator).item(), 1);
}

}  // namespace rill::testing
