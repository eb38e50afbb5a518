#include <cmath>
#include <limits>

#include <gtest/gtest.h>
#include <rill/core/autograd.h>
#include <rill/core/gradcheck.h>
#include <rill/core/ops.h>

#include "tests/support/expect.h"

// What the table of ops cannot hold: errors, and gradients beyond the second.

namespace rill {
namespace {

using testing::expect_values;
using Inputs = std::vector<Tensor>;

Tensor points() { return tensor({-1.5, -0.3, 0.2, 0.9, 2.5}, float64).requires_grad_(); }

template <class ErrorType>
std::string message_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const ErrorType& error) {
    return error.what();
  }
  return "nothing was thrown";
}

TEST(Elementwise, MixedDtypesAreRefusedByName) {
  const std::string message = message_of<DTypeError>([] { add(ones({2}), ones({2}, float64)); });
  EXPECT_EQ(message, "add: the inputs are float32 and float64; convert one of them with to(dtype)");
}

TEST(Elementwise, ShapesThatDoNotBroadcastAreShown) {
  const std::string message = message_of<ShapeError>([] { mul(ones({2, 3}), ones({2, 4})); });
  EXPECT_NE(message.find("mul: "), std::string::npos) << message;
  EXPECT_NE(message.find("[2, 3]"), std::string::npos) << message;
  EXPECT_NE(message.find("[2, 4]"), std::string::npos) << message;
}

TEST(Elementwise, ArithmeticOnBoolIsRefused) {
  const Tensor mask = ones({2}, bool_);
  EXPECT_THROW(add(mask, mask), DTypeError);
  EXPECT_THROW(neg(mask), DTypeError);
  EXPECT_THROW(abs(mask), DTypeError);
  EXPECT_THROW(pow(mask, 2), DTypeError);
  EXPECT_THROW(relu(mask), DTypeError);
}

TEST(Elementwise, FunctionsOfIntegersAreRefused) {
  const Tensor ids = arange(3);
  for (Tensor (*function)(const Tensor&) : {exp, log, sqrt, rsqrt, sin, tanh, sigmoid, silu})
    EXPECT_THROW(function(ids), DTypeError);
}

TEST(Elementwise, IntegersTakeWholeNumbersOnly) {
  const Tensor ids = arange(3);
  EXPECT_EQ((ids + 2.0).to_vector<int64_t>(), (std::vector<int64_t>{2, 3, 4}));
  EXPECT_THROW(ids + 0.5, DTypeError);
  EXPECT_THROW(lt(ids, 0.5), DTypeError);
  EXPECT_THROW(clamp(ids, 0.5, std::nullopt), DTypeError);
  EXPECT_THROW(pow(ids, 0.5), DTypeError);
}

TEST(Elementwise, IntegersHaveNoNegativePower) {
  const std::string message = message_of<ValueError>([] { pow(tensor({2}, int64), -1); });
  EXPECT_NE(message.find("pow: an integer to the power of -1"), std::string::npos) << message;
  EXPECT_EQ(pow(tensor({2}, int64), 0).item<int64_t>(), 1);
}

TEST(Elementwise, PowOfZeroToZeroHasGradientsOfGradients) {
  const Tensor a = tensor({0.0}).requires_grad_(), b = tensor({0.0}),
               factor = scalar(2).requires_grad_();
  const Tensor slope = grad((factor * pow(a, b)).sum(), a, {.create_graph = true});
  expect_values(slope, {0});
  expect_values(grad(slope.sum(), factor), {0});
}

TEST(Elementwise, PowTakesAnExponentForEachElement) {
  expect_values(pow(tensor({2.0, 3.0, 4.0}), tensor({2, 3, 0.5})), {4, 27, 2});
  expect_values(pow(tensor({{2.0, 3.0}, {4.0, 5.0}}), tensor({{2.0}, {3.0}})), {4, 9, 64, 125});
}

TEST(Elementwise, IntegersDivideToFloat32) {
  const Tensor seven = tensor({7}, int64), two = tensor({2}, int64);
  EXPECT_EQ(div(seven, two).dtype(), float32);
  EXPECT_EQ(div(seven, two).item(), 3.5);
  EXPECT_EQ((seven / 2.0).item(), 3.5);
  EXPECT_EQ((7.0 / two).item(), 3.5);
  EXPECT_EQ((seven / 0.5).item(), 14);
}

TEST(Elementwise, ClampWithoutBoundsIsRefused) {
  EXPECT_THROW(clamp(ones({2}), std::nullopt, std::nullopt), ValueError);
}

TEST(Elementwise, ClampAtNaNIsRefused) {
  EXPECT_THROW(clamp(ones({2}), std::nan(""), 1), ValueError);
  EXPECT_THROW(clamp(ones({2}), std::nullopt, std::nan("")), ValueError);
}

TEST(Elementwise, ClampOfIntegersHoldsAtEitherBound) {
  const Tensor x = tensor({-5, 0, 7}, int64);
  EXPECT_EQ(clamp(x, -1, 3).to_vector<int64_t>(), (std::vector<int64_t>{-1, 0, 3}));
  EXPECT_EQ(clamp(x, std::nullopt, 3).to_vector<int64_t>(), (std::vector<int64_t>{-5, 0, 3}));
}

TEST(Elementwise, ANumberKeepsTheDtypeOfTheTensor) {
  EXPECT_EQ((ones({2}) * 2.0).dtype(), float32);
  EXPECT_EQ((2.0 * ones({2}, float64)).dtype(), float64);
  EXPECT_EQ((1.0 - arange(2)).dtype(), int64);
}

TEST(Elementwise, LogicalOpsTakeNumbersAsTheirTruth) {
  const Tensor x = tensor({0.0, 0.5, std::nan("")});
  EXPECT_EQ(logical_not(x).to_vector(), (std::vector<double>{1, 0, 0}));
}

TEST(Elementwise, WhereWantsABoolCondition) {
  EXPECT_THROW(where(ones({2}), ones({2}), ones({2})), DTypeError);
}

TEST(Elementwise, WhereMultipliesTheSlopeOfTheBranchNotTakenByZero) {
  const Tensor x = tensor({0.0}).requires_grad_();
  EXPECT_TRUE(std::isnan(grad(where(gt(x, 0.0), log(x), x * 0.0).sum(), x)[0].item()));
  const Tensor safe = where(gt(x, 0.0), x, ones_like(x));
  EXPECT_EQ(grad(where(gt(x, 0.0), log(safe), x * 0.0).sum(), x)[0].item(), 0);
}

TEST(Elementwise, MaskedFillWantsAValueWithoutDimensions) {
  EXPECT_THROW(masked_fill(ones({2}), ones({2}, bool_), ones({1})), ShapeError);
}

TEST(Elementwise, TrianglesWantTwoDimensions) {
  EXPECT_THROW(tril(ones({3})), ShapeError);
  EXPECT_THROW(triu(ones({})), ShapeError);
}

TEST(Elementwise, TrianglesReplaceNaN) {
  const Tensor x = full({2, 2}, std::nan(""));
  const std::vector<double> lower = tril(x, -1).to_vector();
  EXPECT_EQ(lower[0], 0);
  EXPECT_EQ(lower[1], 0);
  EXPECT_TRUE(std::isnan(lower[2]));
}

/// The second derivative of an op, as a function whose gradients gradgradcheck then takes.
TensorFunction slope_of(Tensor (*op)(const Tensor&)) {
  return [op](const Inputs& inputs) {
    GradModeGuard recording(true);
    const Tensor x = inputs[0].requires_grad() ? inputs[0] : inputs[0].detach().requires_grad_();
    return grad({op(x)}, {x}, {.grad_outputs = {ones_like(x)}, .create_graph = true})[0];
  };
}

struct Named {
  const char* name;
  Tensor (*op)(const Tensor&);
};

class ThirdDerivative : public ::testing::TestWithParam<Named> {};

TEST_P(ThirdDerivative, AgreesWithDifferences) {
  const TensorFunction slope = slope_of(GetParam().op);
  EXPECT_TRUE(gradgradcheck(slope, {points()}));
}

INSTANTIATE_TEST_SUITE_P(
    Ops, ThirdDerivative,
    ::testing::Values(Named{"exp", exp}, Named{"sin", sin}, Named{"erf", erf}, Named{"tanh", tanh},
                      Named{"sigmoid", sigmoid}, Named{"silu", silu},
                      Named{"softplus", [](const Tensor& x) { return softplus(x); }},
                      Named{"gelu", [](const Tensor& x) { return gelu(x); }},
                      Named{"gelu_tanh", [](const Tensor& x) { return gelu(x, Gelu::tanh); }},
                      Named{"sqrt", [](const Tensor& x) { return sqrt(exp(x)); }},
                      Named{"rsqrt", [](const Tensor& x) { return rsqrt(exp(x)); }},
                      Named{"pow", [](const Tensor& x) { return pow(x, 4); }}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(Activation, GeluHasItsPublishedValuesAtOne) {
  const Tensor x = scalar(1, float64).requires_grad_();
  EXPECT_NEAR(gelu(x).item(), 0.841344746, 1e-9);
  EXPECT_NEAR(grad(gelu(x), x)[0].item(), 1.083315471, 1e-9);
  EXPECT_NEAR(gelu(x, Gelu::tanh).item(), 0.841191991, 1e-9);
  EXPECT_NEAR(grad(gelu(x, Gelu::tanh), x)[0].item(), 1.082964084, 1e-9);
}

TEST(Activation, SoftplusIsTheInputItselfAboveItsThreshold) {
  const Tensor x = tensor({1.0, 3.0}, float64);
  const std::vector<double> out = softplus(x, 1, 2).to_vector();
  EXPECT_NEAR(out[0], std::log1p(std::exp(1.0)), 1e-12);
  EXPECT_EQ(out[1], 3);
}

TEST(Activation, ReluKeepsNaNAndHasSlopeZeroAtZero) {
  const Tensor x = tensor({0.0, std::nan(""), 2.0}).requires_grad_();
  EXPECT_TRUE(std::isnan(relu(x).to_vector()[1]));
  EXPECT_EQ(grad(relu(x).sum(), x)[0].to_vector()[0], 0);
}

TEST(Compare, OutputsAreBoolWithoutAGradient) {
  const Tensor x = points();
  const Tensor out = gt(x, 0.0);
  EXPECT_EQ(out.dtype(), bool_);
  EXPECT_FALSE(out.requires_grad());
}

TEST(Compare, IsfiniteAndIsnanHoldForIntegers) {
  EXPECT_EQ(isfinite(arange(2)).to_vector(), (std::vector<double>{1, 1}));
  EXPECT_EQ(isnan(arange(2)).to_vector(), (std::vector<double>{0, 0}));
}

}  // namespace
}  // namespace rill
