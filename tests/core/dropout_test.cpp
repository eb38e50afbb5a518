#include <cmath>
#include <limits>

#include <rill/core/autograd.h>
#include <rill/core/gradcheck.h>
#include <rill/core/ops.h>
#include <rill/core/random.h>
#include <rill/core/threads.h>

#include "tests/support/expect.h"

namespace rill {
namespace {

using testing::expect_error;
using testing::expect_values;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

TEST(Dropout, DropsAShareOfPAndScalesTheRest) {
  Generator generator(1);
  const auto values = dropout(ones({100000}), 0.3, true, generator).to_vector<float>();
  int64_t dropped = 0;
  for (const float value : values) {
    EXPECT_TRUE(value == 0 || value == 1 / 0.7f) << value;
    dropped += value == 0;
  }
  // 5 standard deviations of a binomial count.
  EXPECT_NEAR(static_cast<double>(dropped), 30000, 5 * std::sqrt(1e5 * 0.3 * 0.7));
}

TEST(Dropout, MeanOverManyDrawsIsTheInput) {
  Generator generator(2);
  const Tensor x = tensor({{-2, 0.5}, {3, 1}}, float64);
  const Tensor many = dropout(x.expand({20000, 2, 2}), 0.5, true, generator).mean({0});
  // The standard deviation of one draw is |x| at p = 1/2: 5 standard errors of the largest.
  const std::vector<double> expected = x.to_vector<double>();
  expect_values(many, expected, 5 * 3 / std::sqrt(20000.0));
}

TEST(Dropout, BackwardUsesTheMaskOfForward) {
  Generator generator(3);
  const Tensor x = ones({50, 20}).requires_grad_();
  const Tensor y = dropout(x, 0.4, true, generator);
  y.sum().backward();
  EXPECT_EQ(x.grad().to_vector<float>(), y.to_vector<float>());
}

TEST(Dropout, MaskFollowsThePlaceOfAnElementNotItsMemory) {
  Generator a(4), again(4);
  const Tensor x = randn({30, 20}, a);
  randn({30, 20}, again);
  EXPECT_EQ(dropout(x.T(), 0.5, true, a).to_vector<float>(),
            dropout(x.T().contiguous(), 0.5, true, again).to_vector<float>());
}

TEST(Dropout, TwoCallsDrawTwoMasks) {
  Generator generator(5);
  const Tensor x = ones({100});
  EXPECT_NE(dropout(x, 0.5, true, generator).to_vector<float>(),
            dropout(x, 0.5, true, generator).to_vector<float>());
}

TEST(Dropout, MaskDoesNotDependOnTheThreadCount) {
  const int before = num_threads();
  std::vector<std::vector<float>> found;
  for (const int threads : {1, 2, 5}) {
    set_num_threads(threads);
    Generator generator(6);
    found.push_back(dropout(ones({300000}), 0.5, true, generator).to_vector<float>());
  }
  set_num_threads(before);
  EXPECT_TRUE(found[0] == found[1] && found[0] == found[2]);
}

TEST(Dropout, DrawsNothingWhereNothingIsToBeDrawn) {
  Generator generator(7);
  const Tensor x = ones({3});
  EXPECT_EQ(dropout(x, 0, true, generator).impl(), x.impl());
  EXPECT_EQ(dropout(x, 0.5, false, generator).impl(), x.impl());
  dropout(x, 1, true, generator);
  EXPECT_EQ(generator.offset(), 0u);
  dropout(x, 0.5, true, generator);
  EXPECT_EQ(generator.offset(), 16u);  // for 32 elements at a time
  dropout(ones({33}), 0.5, true, generator);
  EXPECT_EQ(generator.offset(), 48u);
}

TEST(Dropout, OfEverythingGivesZerosAndZeroGradientEvenFromNan) {
  const Tensor x = tensor({nan, 1}).requires_grad_();
  const Tensor y = dropout(x, 1);
  expect_values(y, {0, 0});
  y.backward(tensor({nan, 1}));
  expect_values(x.grad(), {0, 0});
}

TEST(Dropout, RefusesABadProbabilityAndIntegers) {
  for (const double p : {-0.1, 1.1, nan})
    expect_error<ValueError>([&] { dropout(ones({2}), p); }, {"dropout: ", "[0, 1]"});
  expect_error<ValueError>([] { dropout(ones({2}), 2, false); }, {"2"});
  expect_error<DTypeError>([] { dropout(ones({2}, int64), 0.5); }, {"int64"});
}

TEST(Dropout, PassesGradcheckTwice) {
  const Tensor x = tensor({{1, 2, 3}, {-4, 5, 6}}, float64).requires_grad_();
  const auto function = [](const std::vector<Tensor>& in) {
    Generator generator(8);
    return dropout(in[0] * in[0], 0.5, true, generator);
  };
  EXPECT_TRUE(gradcheck(TensorFunction(function), {x}));
  EXPECT_TRUE(gradgradcheck(TensorFunction(function), {x}));
}

}  // namespace
}  // namespace rill
