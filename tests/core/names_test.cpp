#include <cstdint>
#include <sstream>

#include <gtest/gtest.h>
#include <rill/core/autograd.h>
#include <rill/core/ops.h>
#include <rill/core/random.h>
#include <rill/core/state_dict.h>

#include "tests/support/expect.h"

// What somebody who knows PyTorch writes: operators, members, one size or dim without braces, and
// numbers of any C++ type. What each op computes is held by the table of ops.

namespace rill {
namespace {

using testing::expect_error;
using testing::expect_values;

TEST(Names, OpsAreMembersToo) {
  const Tensor x = tensor({{1.0, -2.0}, {3.0, 4.0}});
  expect_values(x.sum(1), {-1, 7});
  expect_values(x.mean(-1, true), {-0.5, 3.5});
  expect_values(x.max(1).values, {1, 4});
  expect_values(x.index_select(0, tensor({1}, int64)), {3, 4});
  expect_values(x.tril(), {1, 0, 3, 4});
  expect_values(x.eq(3), {0, 0, 1, 0});
  expect_values(x.clamp(0), {1, 0, 3, 4});
  expect_values(x.norm(1), {10});
  expect_values(x.leaky_relu(0.5), {1, -1, 3, 4});
  expect_values(x.add(1).mul(2).sub(x).div(2), {1.5, 0, 2.5, 3});
  EXPECT_TRUE(x.clone().equal(x));
}

TEST(Names, SizesAndDimsAreANumberAListOrOneByOne) {
  const Tensor x = tensor({{1.0, 2.0, 3.0}, {4.0, 5.0, 6.0}});
  EXPECT_EQ(x.view(-1).shape(), Shape{6});
  EXPECT_EQ(x.view(3, 2).shape(), Shape({3, 2}));
  EXPECT_EQ(x.permute(1, 0).shape(), Shape({3, 2}));
  EXPECT_EQ(x.reshape(1, 3, -1).shape(), Shape({1, 3, 2}));
  EXPECT_EQ(x.repeat(2, 2).shape(), Shape({4, 6}));
  EXPECT_EQ(zeros(3).shape(), Shape{3});
  EXPECT_EQ(ones(2, 3).shape(), Shape({2, 3}));
  EXPECT_EQ(rand(2, 3).shape(), randn(2, 3).shape());
  EXPECT_EQ(full(2, 0.5).numel(), 2);
  EXPECT_EQ(x.size(), x.shape());
  EXPECT_EQ(x.dim(), 2);
  expect_values(logsumexp(zeros(2, 1), 1), {0, 0});
  expect_values(x.var(1), {1, 1});
  expect_values(x.std(0, 0), {1.5, 1.5, 1.5}, 1e-6);
  const size_t unsigned_size = 4;
  EXPECT_EQ(zeros(unsigned_size).numel(), 4);
}

TEST(Names, OperatorsTakeTensorsAndNumbersOnEitherSide) {
  const Tensor x = tensor({1.0, 2.0, 3.0}), y = tensor({3.0, 2.0, 1.0});
  expect_values(x < y, {1, 0, 0});
  expect_values(x <= 2, {1, 1, 0});
  expect_values(2 > x, {1, 0, 0});
  expect_values(2 <= x, {0, 1, 1});
  expect_values(2 >= x, {1, 1, 0});
  expect_values(2 < x, {0, 0, 1});
  expect_values(x >= y, {0, 1, 1});
  expect_values(x > 2, {0, 0, 1});
  expect_values(x == y, {0, 1, 0});
  expect_values(x != y, {1, 0, 1});
  expect_values(2 == x, {0, 1, 0});
  expect_values(2 != x, {1, 0, 1});
  expect_values(1 - x, {0, -1, -2});
  expect_values(6 / x, {6, 3, 2});
  expect_values(arange(6) % 4, {0, 1, 2, 3, 0, 1});
  expect_values(floor_divide(arange(6), 4), {0, 0, 0, 0, 1, 1});
  expect_values(pow(2, x), {2, 4, 8});
  expect_values(maximum(x, 2), {2, 2, 3});
  expect_values(minimum(x, 2), {1, 2, 2});
  expect_values(where(x > 1, x, 0), {0, 2, 3});
  expect_values(where(x > 1, 0, x), {1, 0, 0});
  expect_values(where(x > 1, 1, 0), {0, 1, 1});
}

TEST(Names, ThereAreFurtherOnesThatPyTorchHas) {
  const Tensor x = tensor({{3.0, -1.0}, {2.0, 5.0}});
  expect_values(x.t(), {3, 2, -1, 5});
  expect_values(x.square(), {9, 1, 4, 25});
  expect_values(x.clamp_min(0), {3, 0, 2, 5});
  expect_values(x.clamp_max(2), {2, -1, 2, 2});
  expect_values(x.mm(x), x.matmul(x).to_vector());
  expect_values(x.argsort(1), {1, 0, 0, 1});
  expect_values(argsort(x, 1, true), {0, 1, 1, 0});
  EXPECT_EQ(x.sizes(), x.shape());
  EXPECT_EQ(x.data_ptr<float>(), x.data<float>());
  EXPECT_EQ(empty(2, 3).shape(), empty({2, 3}).shape());
  const Tensor leaf = tensor({1.0, 2.0}).requires_grad_();
  expect_values(autograd::grad((leaf * leaf).sum(), leaf), {2, 4});
}

TEST(Names, TensorsAreIndexedByNumbersAndMasks) {
  const Tensor x = tensor({{1.0, 2.0}, {3.0, 4.0}, {5.0, 6.0}});
  expect_values(x[tensor({2, 0}, int64)], {5, 6, 1, 2});
  expect_values(x[x > 3], {4, 5, 6});
  expect_values(x[tensor({1, 0, 1}, bool_)], {1, 2, 5, 6});
  expect_error<ShapeError>([&] { x[tensor({1, 0}, bool_)]; }, {"[3, 2]", "found [2]"});
  static_assert(!std::is_assignable_v<Tensor, Tensor>, "x[0] = y would change nothing");
  static_assert(std::is_assignable_v<Tensor&, Tensor>);
}

TEST(Names, RandomNumbersAreDrawnInPlace) {
  manual_seed(1);
  const Tensor x = zeros(10000);
  x.normal_(2, 0.5);
  EXPECT_NEAR(x.mean().item(), 2, 0.03);
  EXPECT_NEAR(x.std().item(), 0.5, 0.02);
  x.uniform_(-1, 3);
  EXPECT_NEAR(x.mean().item(), 1, 0.05);
  EXPECT_GE(x.min().item(), -1);
  EXPECT_LT(x.max().item(), 3);
  EXPECT_LT(zeros(1'000'000).uniform_(1000, 1001).max().item(), 1001);
  EXPECT_THROW(x.uniform_(3, -1), ValueError);
  EXPECT_THROW(x.normal_(0, -1), ValueError);
  const uint64_t drawn = default_generator().offset();
  const Tensor leaf = zeros(3).requires_grad_();
  EXPECT_THROW(leaf.uniform_(), AutogradError);
  EXPECT_EQ(default_generator().offset(), drawn);
}

template <class T>
concept TakesTwoDims = requires(const T& x) {
  x.sum(0, 1);
}
|| requires(const T& x) { sum(x, 0, 1); };
template <class T>
concept TakesFractions = requires(const T& x) {
  x.view(2.5, 3);
}
|| requires { zeros(2.5, T{}); };

template <class Second>
concept VarTakes = requires(const Tensor& x, Second second) {
  x.var(-1, second);
}
|| requires(const Tensor& x, Second second) { var(x, -1, second); }
|| requires(const Tensor& x, Second second) { x.std({0, 1}, second); }
|| requires(const Tensor& x, Second second) { rill::std(x, {}, second); };

TEST(Names, WhatWouldBeTakenForSomethingElseDoesNotCompile) {
  static_assert(!TakesTwoDims<Tensor>, "the second would be keepdim");
  static_assert(!TakesFractions<Tensor>);
  static_assert(!VarTakes<bool>, "it would be the correction, not keepdim");
  static_assert(VarTakes<int> && VarTakes<double>);
  EXPECT_EQ(ones(2, 3).var(-1, 1, true).shape(), Shape({2, 1}));
}

TEST(Prod, OfOneFactorIsACopy) {
  const Tensor x = tensor({{3.0}, {4.0}});
  x.prod(1, true).zero_();
  prod(x[0]).zero_();
  expect_values(x, {3, 4});
}

TEST(Roll, WantsAShift) { EXPECT_THROW(roll(ones(3), {}), ShapeError); }

TEST(Names, BackwardTakesOptionsAloneAndHooksMayReturnNothing) {
  const Tensor x = tensor({3.0}).requires_grad_();
  double seen = 0;
  x.register_hook([&](const Tensor& gradient) { seen = gradient.item(); });
  const Tensor y = (x * x).sum();
  y.backward({.retain_graph = true});
  y.backward();
  expect_values(x.grad(), {12});
  EXPECT_EQ(seen, 6);
  const NoGradGuard no_grad;
  const EnableGradGuard again;
  EXPECT_TRUE((x * 2).requires_grad());
}

TEST(Names, MasksCombine) {
  const Tensor a = tensor({1, 1, 0, 0}, bool_), b = tensor({1, 0, 1, 0}, bool_);
  expect_values(a & b, {1, 0, 0, 0});
  expect_values(a | b, {1, 1, 1, 0});
  expect_values(a ^ b, {0, 1, 1, 0});
  expect_values(!a, {0, 0, 1, 1});
  expect_values(~a, {0, 0, 1, 1});
  expect_values(!tensor({2.0, 0.0}), {0, 1});
  expect_values(a.mean(), {0.5});
  const Tensor numbers = ones(4);
  expect_error<DTypeError>([&] { a& numbers; }, {"right mask", "float32"});
  expect_error<DTypeError>([&] { numbers | a; }, {"left mask", "float32"});
  expect_error<DTypeError>([&] { ~numbers; }, {"mask", "float32"});
}

TEST(Names, AssignmentsWriteInPlace) {
  const Tensor x = tensor({1.0, 2.0}), same = x;
  x += 1;
  x *= tensor({2.0, 3.0});
  x -= 2;
  x /= 2;
  expect_values(same, {1, 3.5});
  x += tensor({1.0, 1.0});
  x *= 2;
  x -= tensor({1.0, 1.0});
  x /= tensor({3.0, 4.0});
  expect_values(same, {1, 2});
  x.sub_(1);
  x.div_(2);
  expect_values(same, {0, 0.5});
  const Tensor leaf = tensor({1.0}).requires_grad_();
  EXPECT_THROW(leaf += 1, AutogradError);
  EXPECT_THROW(arange(3) /= 2, DTypeError);
}

TEST(Names, ShapesAndDtypesPrint) {
  std::ostringstream text;
  text << zeros(2, 3).shape() << " " << zeros(1).dtype() << " " << Shape{};
  EXPECT_EQ(text.str(), "[2, 3] float32 []");
}

TEST(Names, ADimensionBecomesSeveral) {
  const Tensor x = arange(12).view(2, 6);
  EXPECT_EQ(x.unflatten(-1, {2, -1}).shape(), Shape({2, 2, 3}));
  EXPECT_EQ(x.unflatten(0, {1, 2}).shape(), Shape({1, 2, 6}));
  EXPECT_EQ(x.shape().size(), 2u);
  EXPECT_EQ(zeros(0, 6).unflatten(1, {2, -1}).shape(), Shape({0, 2, 3}));
  EXPECT_THROW((void)x.unflatten(1, {4, 2}), ShapeError);
  EXPECT_THROW((void)zeros(0, 6).unflatten(1, {5, 7}), ShapeError);
  EXPECT_THROW((void)x.unflatten(1, {-1, -1}), ShapeError);
  EXPECT_THROW((void)scalar(1).unflatten(0, {1}), IndexError);
}

TEST(Names, MasksFillInPlace) {
  const Tensor x = tensor({1.0, -2.0, 3.0});
  expect_values(x.masked_fill_(x < 0, 9), {1, 9, 3});
  expect_values(x, {1, 9, 3});
}

TEST(Names, NormalizeTakesItsNumbersInBraces) {
  const Tensor x = tensor({{3.0, 4.0}, {0.0, 2.0}});
  EXPECT_TRUE(equal(normalize(x, {.dim = -1}), normalize(x, 2, -1)));
  EXPECT_TRUE(equal(normalize(x, {.p = 1, .dim = 0}), normalize(x, 1, 0)));
}

TEST(Names, LossesTakeAReductionInBracesOrAlone) {
  const Tensor x = tensor({1.0, 2.0}), y = tensor({0.0, 0.0});
  EXPECT_EQ(mse_loss(x, y, {.reduction = Reduction::sum}).item(), 5);
  EXPECT_EQ(mse_loss(x, y, Reduction::sum).item(), 5);
  EXPECT_EQ(l1_loss(x, y, {.reduction = Reduction::sum}).item(), 3);
  expect_values(smooth_l1_loss(x, y, {.reduction = Reduction::none}), {0.5, 1.5});
  EXPECT_EQ(smooth_l1_loss(x, y, {.beta = 4}).item(), 0.3125);
}

TEST(Names, BackwardTakesSwitchesByPosition) {
  const Tensor x = tensor({2.0}, {.requires_grad = true});
  const Tensor y = x.pow(3).sum();
  y.backward({}, true);
  y.backward({}, true, true);
  EXPECT_EQ(x.grad().item(), 24);
  EXPECT_TRUE(x.grad().requires_grad());
}

TEST(Names, RecordingIsSwitchedByAFunctionToo) {
  const Tensor x = tensor({2.0}, {.requires_grad = true});
  {
    const NoGradGuard around;
    set_grad_enabled(true);
    EXPECT_TRUE((x * 2).requires_grad());
  }
  set_grad_enabled(false);
  EXPECT_FALSE((x * 2).requires_grad());
  set_grad_enabled(true);
}

TEST(Pad, RefusesMoreThanThereIs) {
  expect_error<ShapeError>([] { (void)pad(ones({2, 3}), {-2, -2}); }, {"pad", "[2, 3]"});
  expect_error<ShapeError>(
      [] {
        (void)pad(ones(3), {1, 1, 1});
      },
      {"two sides", "[3]", "[1, 1, 1]"});
}

TEST(StateDict, IsAskedByNameAndCopied) {
  const Tensor w = tensor({1.0, 2.0});
  const StateDict state{{"fc.weight", w}, {"fc.bias", zeros(1)}};
  EXPECT_TRUE(equal(state["fc.weight"], w));
  EXPECT_EQ(state[1].name, "fc.bias");
  EXPECT_TRUE(state.contains("fc.bias"));
  EXPECT_FALSE(state.contains("fc"));
  expect_error<ValueError>([&] { state["fc"]; }, {"'fc'", "fc.weight, fc.bias"});
  const StateDict kept = state.clone();
  w.zero_();
  expect_values(state["fc.weight"], {0, 0});
  expect_values(kept["fc.weight"], {1, 2});
}

TEST(Names, ALoopOverATensorIsOneOverItsRows) {
  const Tensor x = tensor({{1.0, 2.0}, {3.0, 4.0}, {5.0, 6.0}}).requires_grad_();
  std::vector<double> firsts;
  Tensor last;
  for (const Tensor& row : x) {
    firsts.push_back(row[0].item());
    last = row;
  }
  EXPECT_EQ(firsts, (std::vector<double>{1, 3, 5}));
  last.sum().backward();
  expect_values(x.grad(), {0, 0, 0, 0, 1, 1});
  for (const Tensor& row : zeros({0, 2})) FAIL() << row;
  expect_error<IndexError>(
      [] {
        for (const Tensor& row : tensor(1.0)) (void)row;
      },
      {"without dimensions"});
}

TEST(Names, MTSwapsTheLastTwoDimensions) {
  EXPECT_EQ(zeros({2, 3, 4}).mT().shape(), Shape({2, 4, 3}));
}

TEST(Names, RepeatInterleaveWithoutADimensionIsFlat) {
  EXPECT_EQ(tensor({{1, 2}, {3, 4}}).repeat_interleave(2).to_vector<int64_t>(),
            (std::vector<int64_t>{1, 1, 2, 2, 3, 3, 4, 4}));
}

TEST(Names, WhatOtherOpsGiveTogetherIsAMemberToo) {
  const Tensor x = tensor({{3.0, 1.0}, {0.0, 2.0}}), ones_too = ones(2, 2);
  expect_values(x.lerp(ones_too, 0.5), {2, 1, 0.5, 1.5});
  expect_values(x.addcmul(x, ones_too, 2), {9, 3, 0, 6});
  expect_values(x.addmm(x, ones_too), {7, 5, 2, 4});
  expect_values(x.median(1).values, {1, 0});
  EXPECT_EQ(x.count_nonzero().item<int64_t>(), 3);
  expect_values(x[0].dot(x[1]), {2});
  x.diag().zero_();
  x.diagonal().fill_(7);
  expect_values(x.unique(), {0, 1, 7});
}

TEST(Names, WhatOtherOpsGiveTogetherSaysWhatItWants) {
  const Tensor x = ones(2, 3), v = ones(3);
  expect_error<ShapeError>([&] { (void)dot(v, ones(1)); }, {"dot", "[3]", "[1]"});
  expect_error<ShapeError>([&] { (void)addmm(x, x, v); }, {"addmm", "[2, 3]", "[3]"});
  expect_error<ShapeError>([&] { (void)x.diagonal(0, 1, -1); }, {"diagonal", "1 and -1"});
  expect_error<ShapeError>([&] { (void)diag(ones(1, 1, 1)); }, {"diag", "[1, 1, 1]"});
  expect_error<ShapeError>([&] { (void)diag(v, std::numeric_limits<int64_t>::min()); }, {"2^63"});
  expect_error<ValueError>([&] { (void)logit(v, 0.7); }, {"logit", "eps", "0.7"});
  expect_error<DTypeError>([&] { (void)lerp(arange(3), arange(3), 2); }, {"lerp", "int64"});
  expect_error<DTypeError>([&] { (void)addcdiv(arange(3), v, v); }, {"addcdiv", "int64"});
  expect_error<DTypeError>([&] { (void)median(v > 0); }, {"median", "bool"});
  expect_error<IndexError>([&] { (void)median(zeros(0)); }, {"median", "[0]"});
}

}  // namespace
}  // namespace rill
