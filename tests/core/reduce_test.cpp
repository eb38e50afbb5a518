#include <cmath>
#include <limits>

#include <gtest/gtest.h>
#include <rill/core/autograd.h>
#include <rill/core/gradcheck.h>
#include <rill/core/ops.h>

#include "tests/support/expect.h"

// What the table of ops cannot hold: errors, dtypes, long sums, sum_to.

namespace rill {
namespace {

using testing::expect_values;

constexpr double inf = std::numeric_limits<double>::infinity();

TEST(Reduce, RepeatedDimsAreRefused) {
  EXPECT_THROW(sum(ones({2, 3}), {0, -2}), ShapeError);
  EXPECT_THROW(mean(ones({2, 3}), {1, 1}), ShapeError);
}

TEST(Reduce, DimsOutOfRangeAreRefused) {
  EXPECT_THROW(sum(ones({2, 3}), {2}), IndexError);
  EXPECT_THROW(cumsum(ones({2}), -2), IndexError);
  EXPECT_THROW(max(ones({2}), 1), IndexError);
}

TEST(Reduce, SumsOfBoolsAndIntegersAreInt64) {
  const Tensor mask = tensor({1, 0, 1}, bool_);
  EXPECT_EQ(sum(mask).dtype(), int64);
  EXPECT_EQ(sum(mask).item(), 2);
  EXPECT_EQ(cumsum(mask, 0).dtype(), int64);
  EXPECT_EQ(cumsum(mask, 0).to_vector(), (std::vector<double>{1, 1, 2}));
}

TEST(Reduce, MeansAndVariancesOfIntegersAreRefused) {
  EXPECT_THROW(mean(arange(3)), DTypeError);
  EXPECT_THROW(var(arange(3)), DTypeError);
  EXPECT_THROW(norm(arange(3)), DTypeError);
  EXPECT_THROW(logsumexp(arange(3), {0}), DTypeError);
}

TEST(Reduce, AMillionTenthsInFloat32SumToAHundredThousand) {
  const Tensor x = full({1000000}, 0.1);
  EXPECT_EQ(sum(x).item<float>(), 100000.0F);
  EXPECT_EQ(cumsum(x, 0).select(0, -1).item<float>(), 100000.0F);
  EXPECT_NEAR(mean(x).item(), 0.1, 1e-8);
}

TEST(Reduce, OfNothingTheSumIsZeroAndTheMeanNaN) {
  const Tensor nothing = zeros({0, 3}).requires_grad_();
  EXPECT_EQ(sum(nothing).item(), 0);
  EXPECT_EQ(sum(nothing, {0}).to_vector(), (std::vector<double>{0, 0, 0}));
  EXPECT_TRUE(std::isnan(mean(nothing).item()));
  mean(nothing).backward();
  EXPECT_EQ(nothing.grad().shape(), Shape({0, 3}));
}

TEST(Reduce, VarianceFarFromZeroKeepsItsDigits) {
  const Tensor x = tensor({10000.0, 10001.0, 10002.0, 10003.0});
  EXPECT_NEAR(var(x).item(), 5.0 / 3, 1e-6);
}

TEST(Reduce, SumOverDimsThatAreNotNeighbours) {
  const Tensor x = to(arange(24), float64).view({2, 3, 4});
  EXPECT_EQ(sum(x, {0, 2}).to_vector(), (std::vector<double>{60, 92, 124}));
}

TEST(Reduce, GradientOfAVarianceWithoutDegreesOfFreedomIsNotFinite) {
  const Tensor x = tensor({1.0, 2.0}, float64).requires_grad_();
  for (const double slope : grad(var(x, {}, 2), x)[0].to_vector()) EXPECT_EQ(slope, inf);
  const Tensor one = tensor({1.0}, float64).requires_grad_();
  EXPECT_TRUE(std::isnan(grad(var(one), one)[0].item()));
}

TEST(SumTo, IsTheTensorItselfWhereShapesAreEqual) {
  const Tensor x = ones({2, 3});
  EXPECT_EQ(sum_to(x, {2, 3}).impl(), x.impl());
}

TEST(SumTo, SumsTheDimsThatBroadcastingAddedOrStretched) {
  const Tensor x = to(arange(6), float64).view({2, 3});
  EXPECT_EQ(sum_to(x, {3}).to_vector(), (std::vector<double>{3, 5, 7}));
  EXPECT_EQ(sum_to(x, {2, 1}).to_vector(), (std::vector<double>{3, 12}));
  EXPECT_EQ(sum_to(x, {}).item(), 15);
  EXPECT_EQ(to_string(sum_to(x.view({1, 2, 3}), {2, 3}).shape()), "[2, 3]");
}

TEST(SumTo, SumsEveryOtherDim) {
  const Tensor x = ones({2, 3, 4, 5}, float64);
  const Tensor out = sum_to(x, {3, 1, 5});
  EXPECT_EQ(to_string(out.shape()), "[3, 1, 5]");
  EXPECT_EQ(out.to_vector(), std::vector<double>(15, 8));
}

TEST(SumTo, RefusesAShapeThatDoesNotBroadcast) {
  EXPECT_THROW(sum_to(ones({2, 3}), {2}), ShapeError);
  EXPECT_THROW(sum_to(ones({3}), {2, 3}), ShapeError);
}

TEST(SumTo, HasGradients) {
  const auto to_row = [](const std::vector<Tensor>& x) { return sum_to(x[0] * x[0], {3}); };
  const Tensor x = tensor({{1, 2, 3}, {4, 5, 6}}, float64).requires_grad_();
  EXPECT_TRUE(gradcheck(to_row, {x}));
  EXPECT_TRUE(gradgradcheck(to_row, {x}));
}

TEST(Norm, RefusesPOfZeroNegativeOrNaN) {
  for (const double p : {0.0, -1.0, std::nan("")}) EXPECT_THROW(norm(ones({2}), p), ValueError);
}

TEST(Norm, HasGradientZeroAtZeroWhereTheRootOfTheSumHasNaN) {
  const Tensor x = zeros({2}).requires_grad_();
  EXPECT_EQ(grad(norm(x), x)[0].to_vector(), (std::vector<double>{0, 0}));
  EXPECT_TRUE(std::isnan(grad(sqrt(sum(x * x)), x)[0].to_vector()[0]));
}

TEST(Norm, OfTwoIsSmoothWhereASingleElementIsZero) {
  const auto length = [](const std::vector<Tensor>& x) { return norm(x[0]); };
  EXPECT_TRUE(gradgradcheck(length, {tensor({0, 1.5, -2}, float64).requires_grad_()}));
}

TEST(Norm, AtZeroItsGradientHasGradientZeroToo) {
  const Tensor x = zeros({2}).requires_grad_(), factor = scalar(2).requires_grad_();
  for (const double p : {1.5, 2.0, 3.0}) {
    const Tensor slope = grad(factor * norm(x, p), x, {.create_graph = true});
    expect_values(grad(slope.sum(), factor), {0});
  }
}

TEST(Norm, SaysHowItsGradientComes) {
  const Tensor x = ones({2}).requires_grad_();
  const auto formula = [&](double p) { return norm(x, p).grad_fn()->explain(); };
  EXPECT_NE(formula(1).find("dout · sign(x)"), std::string::npos);
  EXPECT_EQ(formula(1).find(" / n"), std::string::npos);
  EXPECT_NE(formula(2).find("dout · x / out"), std::string::npos);
  EXPECT_NE(formula(3).find("|r|^(p − 2)"), std::string::npos);
  EXPECT_NE(formula(INFINITY).find("dout · sign(x) / n"), std::string::npos);
}

TEST(Norm, TakesFractionalP) {
  const Tensor x = tensor({3.0, -3.0, 1.0, 0.0}, float64).requires_grad_();
  const std::vector<double> found = grad(norm(x, 1.5), x)[0].to_vector();
  const std::vector<double> pytorch = {0.76976252, -0.76976252, 0.444422598, 0};
  for (size_t i = 0; i < found.size(); ++i) EXPECT_NEAR(found[i], pytorch[i], 1e-8);
}

TEST(Norm, OfNothingIsZeroButHasNoLargestElement) {
  EXPECT_EQ(norm(zeros({0})).item(), 0);
  EXPECT_THROW(norm(zeros({0}), inf), IndexError);
}

TEST(Extremum, OfNothingIsRefused) {
  EXPECT_THROW(max(zeros({0})), IndexError);
  EXPECT_THROW(min(zeros({3, 0}), 1), IndexError);
  EXPECT_THROW(argmax(zeros({3, 0}), 1), IndexError);
  EXPECT_EQ(to_string(max(zeros({0, 3}), 1).values.shape()), "[0]");
}

TEST(Extremum, IndexOfBoolsIsRefused) { EXPECT_THROW(argmax(ones({2}, bool_)), DTypeError); }

TEST(Extremum, NaNWinsAndSharesTheGradient) {
  const Tensor x = tensor({std::nan(""), 1.0, std::nan("")}).requires_grad_();
  EXPECT_TRUE(std::isnan(max(x).item()));
  EXPECT_EQ(grad(max(x), x)[0].to_vector(), (std::vector<double>{0.5, 0, 0.5}));
}

TEST(Sort, KOutOfRangeIsRefused) {
  EXPECT_THROW(topk(ones({3}), 4), ValueError);
  EXPECT_THROW(topk(ones({3}), -1), ValueError);
}

TEST(Sort, TopkTakesTheLowestIndicesOfTies) {
  const auto [values, indices] = topk(tensor({1.0, 3.0, 3.0, 3.0, 2.0}), 2);
  EXPECT_EQ(indices.to_vector(), (std::vector<double>{1, 2}));
}

TEST(Sort, IndicesHaveNoGradient) {
  const auto [values, indices] = sort(tensor({2.0, 1.0}).requires_grad_());
  EXPECT_TRUE(values.requires_grad());
  EXPECT_FALSE(indices.requires_grad());
  EXPECT_EQ(indices.dtype(), int64);
}

}  // namespace
}  // namespace rill
