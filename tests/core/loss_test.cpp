#include <gtest/gtest.h>

#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>

#include <rill/core/autograd.h>
#include <rill/core/gradcheck.h>
#include <rill/core/ops.h>

#include "tests/support/expect.h"
#include "tests/support/leaf.h"
#include "tests/support/twin.h"

namespace rill {
namespace {

using testing::expect_error;
using testing::expect_kernel_equals_twin;
using testing::expect_values;
using testing::inf;
using testing::random_leaf;

Tensor ids(const std::vector<int64_t>& values) { return from_vector(values); }

/// Three rows, one of them ignored, with weights and smoothing; the numbers are PyTorch 2.13's.
struct AllOptions {
  Tensor logits = tensor({{1, 2, .5}, {.1, -1, 2}, {0, 0, 0}}, float64).requires_grad_();
  Tensor target = ids({0, 2, -100});
  CrossEntropyOptions options = {.weight = tensor({.5, 1, 3}, float64), .label_smoothing = 0.1};

  Tensor loss(Reduction reduction) {
    options.reduction = reduction;
    return cross_entropy(logits, target, options);
  }
};

TEST(CrossEntropy, WithAllOptionsEqualsPyTorch) {
  AllOptions test;
  expect_values(test.loss(Reduction::none), {.895287937, .649752451, 0}, 5e-10);
  expect_values(test.loss(Reduction::sum), {1.545040388}, 5e-10);
  const Tensor mean = test.loss(Reduction::mean);
  expect_values(mean, {.441440111}, 5e-10);
  mean.backward();
  expect_values(test.logits.grad(),
                {-0.0936949508838221, 0.0982244851982069, -0.004529534314384828, 0.0967856104569627,
                 0.02427842191394211, -0.12106403237090475, 0, 0, 0},
                1e-14);
}

TEST(CrossEntropy, KernelEqualsTwin) {
  const Tensor logits = random_leaf({5, 4}, 1), target = ids({3, 0, -100, 1, 3});
  const Tensor weight = tensor({.5, 1, 3, .25}, float64);
  for (const Reduction reduction : {Reduction::none, Reduction::sum, Reduction::mean})
    for (const Tensor& w : {Tensor(), weight})
      for (const double smoothing : {0.0, 0.2, 1.0})
        expect_kernel_equals_twin(
            [&] {
              return cross_entropy(
                  logits, target,
                  {.weight = w, .reduction = reduction, .label_smoothing = smoothing});
            },
            {logits});
}

TEST(CrossEntropy, KernelEqualsTwinWhereAnIgnoredRowIsNaN) {
  const Tensor logits = tensor({{1, 2}, {NAN, 1}, {inf, -inf}}, float64).requires_grad_();
  expect_kernel_equals_twin([&] { return cross_entropy(logits, ids({0, -100, -100})); }, {logits});
}

TEST(CrossEntropy, KernelEqualsTwinWithDimensionsAfterTheClasses) {
  const Tensor logits = random_leaf({2, 3, 2, 2}, 1), target = ids({0, 2, 1, 1, 2, 2, 0, 1});
  expect_kernel_equals_twin(
      [&] {
        return cross_entropy(logits, target.view({2, 2, 2}));
      },
      {logits});
}

TEST(CrossEntropy, OfDimensionsAfterTheClassesIsThatOfTheirRows) {
  const Tensor logits = random_leaf({2, 3, 4}, 1).detach();
  const Tensor target = ids({0, 2, 1, 1, 2, 2, 0, 1}).view({2, 4});
  const Tensor losses = cross_entropy(logits, target, {.reduction = Reduction::none});
  EXPECT_EQ(losses.shape(), Shape({2, 4}));
  const Tensor rows = logits.transpose(1, 2).reshape({8, 3});
  expect_values(losses,
                cross_entropy(rows, target.view({8}), {.reduction = Reduction::none}).to_vector());
}

TEST(CrossEntropy, OfOneRowHasNoDimensions) {
  const Tensor loss = cross_entropy(zeros({4}), scalar(2, int64), {.reduction = Reduction::none});
  EXPECT_EQ(loss.shape(), Shape());
  EXPECT_NEAR(loss.item(), std::log(4), 1e-6);
}

TEST(CrossEntropy, OfLargeLogitsIsFinite) {
  const Tensor logits = tensor({{1e4, -1e4, 0}}).requires_grad_();
  EXPECT_EQ(cross_entropy(logits, ids({0})).item(), 0);
  const Tensor loss = cross_entropy(logits, ids({1}));
  EXPECT_EQ(loss.item(), 2e4);
  loss.backward();
  expect_values(logits.grad(), {1, -1, 0});
}

TEST(CrossEntropy, OfMinusInfinityOffTheTargetIsFiniteUnlessSmoothed) {
  const Tensor logits = tensor({{0, -inf, 0}});
  EXPECT_NEAR(cross_entropy(logits, ids({0})).item(), std::log(2), 1e-6);
  EXPECT_EQ(cross_entropy(logits, ids({0}), {.label_smoothing = 0.1}).item(), inf);
}

TEST(CrossEntropy, OfAnIgnoredRowOfNaNIsThatOfTheOthers) {
  const Tensor logits = tensor({{std::nan(""), 1}, {0, 0}}).requires_grad_();
  const Tensor loss = cross_entropy(logits, ids({-100, 0}));
  EXPECT_NEAR(loss.item(), std::log(2), 1e-6);
  loss.backward();
  expect_values(logits.grad(), {0, 0, -0.5, 0.5}, 1e-6);
}

TEST(CrossEntropy, OfNothingButIgnoredRowsHasMeanNaNSumZeroGradientZero) {
  for (const int64_t rows : {0, 2}) {
    const Tensor logits = random_leaf({rows, 3}, 1), target = full({rows}, -100, int64);
    const Tensor mean = cross_entropy(logits, target);
    EXPECT_TRUE(std::isnan(mean.item()));
    mean.backward();
    for (const double slope : logits.grad().to_vector()) EXPECT_EQ(slope, 0);
    EXPECT_EQ(cross_entropy(logits, target, {.reduction = Reduction::sum}).item(), 0);
  }
}

TEST(CrossEntropy, OfKeptWeightsThatSumToZeroIsNaN) {
  const Tensor logits = random_leaf({2, 2}, 1);
  const Tensor loss = cross_entropy(logits, ids({1, 1}), {.weight = tensor({1, 0}, float64)});
  EXPECT_TRUE(std::isnan(loss.item()));
  loss.backward();
  for (const double slope : logits.grad().to_vector()) EXPECT_TRUE(std::isnan(slope));
}

TEST(CrossEntropy, OfProbabilitiesThatAreCertainIsThatOfClassIds) {
  const Tensor logits = random_leaf({2, 3}, 1).detach(), weight = tensor({.5, 1, 3}, float64);
  const Tensor certain = one_hot(ids({2, 0}), 3).to(float64);
  for (const double smoothing : {0.0, 0.3}) {
    const CrossEntropyOptions options{
        .weight = weight, .reduction = Reduction::none, .label_smoothing = smoothing};
    expect_values(cross_entropy(logits, certain, options),
                  cross_entropy(logits, ids({2, 0}), options).to_vector(), 1e-15);
  }
}

TEST(CrossEntropy, GivesProbabilitiesTheGradientMinusLogSoftmax) {
  const Tensor logits = random_leaf({2, 3}, 1).detach();
  const Tensor target = full({2, 3}, 1.0 / 3, float64).requires_grad_();
  cross_entropy(logits, target, {.reduction = Reduction::sum}).backward();
  expect_values(target.grad(), neg(log_softmax(logits, 1)).to_vector(), 1e-15);
}

TEST(CrossEntropy, NamesATargetOutOfRangeWithItsPlaceAndTheBound) {
  for (const int64_t id : {3, -1})
    expect_error<IndexError>(
        [&] {
          cross_entropy(zeros({2, 3, 2}), ids({0, 1, id, 2}).view({2, 2}));
        },
        {"cross_entropy", std::to_string(id), "[1, 0]", "3 classes"});
}

/// In a process of its own, which has not warned yet; what the library logs goes to stderr.
void ignore_all_twice() {
  dup2(STDERR_FILENO, STDOUT_FILENO);
  for (const char* mark : {"<first>", "<second>"}) {
    cross_entropy(zeros({2, 3}), ids({-7, -7}), {.ignore_index = -7});
    std::fputs(mark, stdout);
    std::fflush(stdout);
  }
  std::exit(0);
}

TEST(CrossEntropyDeathTest, WarnsOnceWhereEveryTargetIsIgnored) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(ignore_all_twice(), ::testing::ExitedWithCode(0),
              "every target is ignored .ignore_index -7.[^<]*<first><second>");
}

TEST(CrossEntropy, OfSizesThatDoNotFitShowsThem) {
  expect_error<ShapeError>(
      [] {
        cross_entropy(zeros({2, 3}), ids({0, 1, 2}));
      },
      {"[2, 3]", "[3]", "[2]"});
  expect_error<ShapeError>([] { cross_entropy(scalar(1), ids({0})); }, {"[]", "[N, C]"});
  expect_error<ShapeError>(
      [] {
        cross_entropy(zeros({1, 3}), ids({0}), {.weight = zeros({2})});
      },
      {"weight", "[2]", "[3]"});
}

TEST(CrossEntropy, OfOtherElementsThanItTakesIsRefused) {
  expect_error<DTypeError>(
      [] {
        cross_entropy(zeros({1, 3}, int64), ids({0}));
      },
      {"logits", "int64"});
  expect_error<DTypeError>(
      [] {
        cross_entropy(zeros({1, 3}), zeros({1}));
      },
      {"target", "float32", "int64"});
  expect_error<DTypeError>(
      [] {
        cross_entropy(zeros({1, 3}), zeros({1, 3}, float64));
      },
      {"float32", "float64"});
}

TEST(CrossEntropy, RefusesSmoothingOutsideZeroToOne) {
  for (const double smoothing : {-0.1, 1.1, std::nan("")})
    expect_error<ValueError>(
        [&] {
          cross_entropy(zeros({1, 3}), ids({0}), {.label_smoothing = smoothing});
        },
        {"label_smoothing", "[0, 1]"});
}

TEST(CrossEntropy, RefusesAWeightThatWantsAGradient) {
  expect_error<AutogradError>(
      [] {
        cross_entropy(zeros({1, 3}), ids({0}), {.weight = ones({3}).requires_grad_()});
      },
      {"weight", "detach()"});
}

TEST(MseLoss, IsTheMeanOfTheSquares) {
  const Tensor input = tensor({1.0, 2.0, 5.0}).requires_grad_();
  const Tensor loss = mse_loss(input, tensor({0.0, 4.0, 5.0}));
  EXPECT_NEAR(loss.item(), 5.0 / 3, 1e-6);
  loss.backward();
  expect_values(input.grad(), {2.0 / 3, -4.0 / 3, 0}, 1e-6);
}

TEST(MseLoss, IsTheMeanWhereBracesAreEmpty) {
  expect_values(mse_loss(tensor({1.0, 2.0}), zeros(2), {}), {2.5});
}

TEST(MseLoss, RefusesShapesThatDiffer) {
  expect_error<ShapeError>(
      [] {
        mse_loss(zeros({2, 1}), zeros({2}));
      },
      {"mse_loss", "[2, 1]", "[2]"});
  expect_error<DTypeError>([] { mse_loss(zeros({2}), zeros({2}, float64)); },
                           {"float32", "float64"});
}

TEST(BinaryCrossEntropy, WithPosWeightEqualsPyTorch) {
  const Tensor z = tensor({0.5, -2}, float64).requires_grad_();
  const Tensor t = tensor({1, 0.25}, float64).requires_grad_();
  const Tensor loss = binary_cross_entropy_with_logits(
      z, t, {.reduction = Reduction::sum, .pos_weight = tensor({2, 3}, float64)});
  loss.backward();
  EXPECT_NEAR(loss.item(), 2.6385459849246726, 1e-14);
  expect_values(z.grad(), {-0.7550813375962908, -0.5711956169668237}, 1e-14);
  expect_values(t.grad(), {-0.025923015819893314, 6.253856022085946}, 1e-14);
}

TEST(BinaryCrossEntropy, GivesTheTargetTheGradientMinusLogit) {
  const Tensor t = tensor({1, 0.25}).requires_grad_();
  binary_cross_entropy_with_logits(tensor({0.5, -2}), t, {.reduction = Reduction::sum}).backward();
  expect_values(t.grad(), {-0.5, 2}, 1e-6);
}

TEST(BinaryCrossEntropy, OfLargeLogitsIsFinite) {
  const Tensor losses = binary_cross_entropy_with_logits(
      tensor({1e4, -1e4, 1e4, inf}), tensor({0.0, 1.0, 1.0, 0.0}), {.reduction = Reduction::none});
  expect_values(losses.narrow(0, 0, 3), {1e4, 1e4, 0});
  EXPECT_EQ(losses[3].item(), inf);
}

TEST(BinaryCrossEntropy, OfAnInfiniteAndWrongLogitIsInfinite) {
  const Tensor z = tensor({INFINITY, -INFINITY}),
               t = tensor({0.0, 1.0});  // PyTorch: NaN for the second
  const Tensor loss = binary_cross_entropy_with_logits(z, t, {.reduction = Reduction::none});
  EXPECT_EQ(loss.to_vector(), (std::vector<double>{INFINITY, INFINITY}));
}

TEST(BinaryCrossEntropy, OfASureAndRightLogitKeepsItsLossAndGradient) {
  const auto expect_tail = [](double z, double target, DType dtype, double expected) {
    const Tensor logit = full({1}, z, dtype).requires_grad_();
    const Tensor loss = binary_cross_entropy_with_logits(logit, full({1}, target, dtype));
    loss.backward();
    const double near = 1e-6 * expected, side = target == 0 ? 1 : -1;
    EXPECT_NEAR(loss.item(), expected, near);
    EXPECT_NEAR(logit.grad()[0].item(), side * expected, near);
  };
  for (const double side : {-1.0, 1.0}) {
    const double target = side > 0 ? 1 : 0;
    expect_tail(side * 17, target, float32, 4.139937e-8);  // e^-17
    expect_tail(side * 21, target, float32, 7.582560e-10);
    expect_tail(side * 21, target, float64, 7.582560e-10);
    expect_tail(side * 40, target, float64, 4.248354e-18);
  }
}

TEST(BinaryCrossEntropy, PassesGradgradcheckWithAllItsInputs) {
  const Tensor z = random_leaf({2, 3}, 1), w = random_leaf({3}, 3);
  const Tensor t = sigmoid(random_leaf({2, 3}, 2)).detach().requires_grad_();
  const TensorFunction loss = [](const std::vector<Tensor>& x) {
    return binary_cross_entropy_with_logits(x[0], x[1],
                                            {.reduction = Reduction::sum, .pos_weight = x[2]});
  };
  EXPECT_TRUE(gradcheck(loss, {z, t, w}));
  EXPECT_TRUE(gradgradcheck(loss, {z, t, w}));
}

TEST(BinaryCrossEntropy, DividesAWeightedMeanByTheCount) {
  const Tensor loss =
      binary_cross_entropy_with_logits(zeros({2}), ones({2}), {.weight = tensor({1.0, 3.0})});
  EXPECT_NEAR(loss.item(), 2 * std::log(2), 1e-6);
}

TEST(BinaryCrossEntropy, RefusesShapesThatDoNotFit) {
  expect_error<ShapeError>(
      [] {
        binary_cross_entropy_with_logits(zeros({2, 1}), zeros({2}));
      },
      {"binary_cross_entropy_with_logits", "[2, 1]", "[2]"});
  expect_error<ShapeError>(
      [] {
        binary_cross_entropy_with_logits(zeros({2}), zeros({2}), {.weight = zeros({3, 2})});
      },
      {"weight", "[3, 2]", "[2]"});
  expect_error<ShapeError>(
      [] { binary_cross_entropy_with_logits(zeros({2}), zeros({2}), {.pos_weight = zeros({3})}); },
      {"[3]", "[2]"});
}

TEST(KlDiv, OfProbabilitiesZeroIsZeroAndOfNegativeOnesNan) {
  const Tensor log_q = tensor({-inf, -0.5});
  expect_values(kl_div(log_q, tensor({0.0, 1.0}), {.reduction = Reduction::sum}), {0.5});
  expect_values(
      kl_div(log_q, tensor({-inf, 0.0}), {.reduction = Reduction::sum, .log_target = true}), {0.5});
  EXPECT_TRUE(std::isnan(kl_div(tensor({-1.0}), tensor({-0.5})).item()));
}

TEST(HuberLoss, IsASquareAroundZero) {
  const Tensor x = tensor({1.0}, float64).requires_grad_();
  const Tensor slope = grad(huber_loss(x, x.detach()), x, {.create_graph = true});
  expect_values(grad(slope.sum(), x), {1});
}

}  // namespace
}  // namespace rill
