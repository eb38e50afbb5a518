#include <cmath>
#include <cstdint>
#include <limits>
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
  const Tensor x = tensor({{1, -2}, {3, 4}});
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
  const Tensor x = tensor({{1, 2, 3}, {4, 5, 6}});
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
  const Tensor x = tensor({1, 2, 3}), y = tensor({3, 2, 1});
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
  const Tensor x = tensor({{3, -1}, {2, 5}});
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
  const Tensor x = tensor({{1, 2}, {3, 4}, {5, 6}});
  expect_values(x[tensor({2, 0}, int64)], {5, 6, 1, 2});
  expect_values(x[x > 3], {4, 5, 6});
  expect_values(x[tensor({1, 0, 1}, bool_)], {1, 2, 5, 6});
  expect_error<ShapeError>([&] { x[tensor({1, 0}, bool_)]; }, {"[3, 2]", "found [2]"});
  expect_error<ShapeError>([&] { x[tensor(1, int64)]; }, {"rows [n]", "[]"});
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

TEST(Names, WhatWouldBeTakenForSomethingElseDoesNotCompile) {
  static_assert(!TakesTwoDims<Tensor>, "the second would be keepdim");
  static_assert(!TakesFractions<Tensor>);
}

TEST(Prod, OfOneFactorIsACopy) {
  const Tensor x = tensor({{3}, {4}});
  x.prod(1, true).zero_();
  prod(x[0]).zero_();
  expect_values(x, {3, 4});
}

TEST(Roll, WantsAShift) { EXPECT_THROW(roll(ones(3), {}), ShapeError); }

TEST(KlDiv, OfProbabilitiesZeroIsZeroAndOfNegativeOnesNan) {
  const double inf = std::numeric_limits<double>::infinity();
  const Tensor log_q = tensor({-inf, -0.5});
  expect_values(kl_div(log_q, tensor({0.0, 1.0}), {.reduction = Reduction::sum}), {0.5});
  expect_values(
      kl_div(log_q, tensor({-inf, 0.0}), {.log_target = true, .reduction = Reduction::sum}), {0.5});
  EXPECT_TRUE(std::isnan(kl_div(tensor({-1.0}), tensor({-0.5})).item()));
}

TEST(HuberLoss, IsASquareAroundZero) {
  const Tensor x = tensor({1.0}, float64).requires_grad_();
  const Tensor slope = grad(huber_loss(x, x.detach()), x, {.create_graph = true});
  expect_values(grad(slope.sum(), x), {1});
}

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
  expect_values(!tensor({2, 0}), {0, 1});
  expect_values(a.mean(), {0.5});
  const Tensor numbers = ones(4);
  expect_error<DTypeError>([&] { a& numbers; }, {"right mask", "float32"});
  expect_error<DTypeError>([&] { numbers | a; }, {"left mask", "float32"});
  expect_error<DTypeError>([&] { ~numbers; }, {"mask", "float32"});
}

TEST(Names, AssignmentsWriteInPlace) {
  const Tensor x = tensor({1, 2}), same = x;
  x += 1;
  x *= tensor({2, 3});
  x -= 2;
  x /= 2;
  expect_values(same, {1, 3.5});
  x += tensor({1, 1});
  x *= 2;
  x -= tensor({1, 1});
  x /= tensor({3, 4});
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

TEST(Names, ANumberIsATensorWithoutDimensions) {
  EXPECT_EQ(tensor(2.5).dims(), 0);
  EXPECT_EQ(tensor(2.5).item(), 2.5);
  EXPECT_EQ(tensor(int64_t{1} << 60, int64).item<int64_t>(), int64_t{1} << 60);
  EXPECT_EQ(tensor({2.5}).shape(), Shape{1});
  EXPECT_EQ(tensor(true, bool_).item<bool>(), true);
}

TEST(Names, VectorsOfAnyWholeNumbersBecomeInt64AndBack) {
  EXPECT_EQ(from_vector(std::vector<int>{1, -2}).dtype(), int64);
  expect_values(from_vector(std::vector<unsigned char>{1, 255}, {2, 1}), {1, 255});
  expect_values(from_vector(std::vector<size_t>{7}), {7});
  EXPECT_EQ(arange(3).to_vector<int>(), (std::vector<int>{0, 1, 2}));
  EXPECT_EQ(tensor({2.0}).item<int>(), 2);
  EXPECT_EQ(arange(3).to_vector<size_t>().back(), 2u);
  EXPECT_EQ(tensor({1, 0}, bool_).to_vector<char>(), (std::vector<char>{1, 0}));
}

TEST(Names, NumbersBeyondATypeAreRefused) {
  const auto most = std::numeric_limits<uint64_t>::max();
  expect_error<ValueError>([&] { from_vector(std::vector<uint64_t>{most}); }, {"8 bytes"});
  expect_error<ValueError>([&] { tensor({300}, int64).to_vector<uint8_t>(); }, {"1 bytes"});
  expect_error<ValueError>([&] { tensor({-1}, int64).to_vector<uint64_t>(); }, {"8 bytes"});
  expect_error<ValueError>([&] { tensor({-1}, int64).item<unsigned>(); }, {"4 bytes"});
}

TEST(Names, FactoriesLikeOthers) {
  const Tensor x = zeros({2, 3}, float64);
  EXPECT_EQ(full_like(x, 7).shape(), x.shape());
  EXPECT_EQ(full_like(x, 7).dtype(), float64);
  EXPECT_EQ(full_like(x, 7)[0][0].item(), 7);
  EXPECT_EQ(rand_like(x).dtype(), float64);
  EXPECT_EQ(randn_like(x).shape(), x.shape());
}

TEST(Equal, WantsShapeDtypeAndEveryElement) {
  const Tensor x = tensor({1, 2});
  EXPECT_TRUE(equal(x, tensor({1, 2})));
  EXPECT_FALSE(equal(x, tensor({1, 3})));
  EXPECT_FALSE(equal(x, tensor({{1, 2}})));
  EXPECT_FALSE(equal(x, tensor({1, 2}, float64)));
  EXPECT_FALSE(equal(tensor({NAN}), tensor({NAN})));
  EXPECT_TRUE(equal(zeros({0}), zeros({0})));
}

TEST(AllClose, ComparesWithToleranceAndKnowsInfinitiesAndNan) {
  const double inf = std::numeric_limits<double>::infinity();
  const Tensor x = tensor({1, 1000}, float64);
  EXPECT_TRUE(allclose(x, x + 1e-6));
  EXPECT_FALSE(allclose(x, x + 1e-4));
  EXPECT_TRUE(allclose(x, x + 1e-4, 0, 1e-3));
  EXPECT_TRUE(allclose(tensor({0.0}), tensor({1e-9})));
  EXPECT_TRUE(allclose(tensor({inf}), tensor({inf})));
  EXPECT_FALSE(allclose(tensor({inf}), tensor({-inf})));
  EXPECT_FALSE(allclose(tensor({inf}), tensor({1.0})));
  EXPECT_FALSE(allclose(tensor({1.0}), tensor({inf})));
  EXPECT_FALSE(allclose(tensor({NAN}), tensor({NAN})));
  EXPECT_TRUE(allclose(tensor({NAN}), tensor({NAN}), 0, 0, true));
  EXPECT_TRUE(allclose(arange(3), arange(3)));
  EXPECT_THROW(allclose(x, ones(2)), DTypeError);
}

TEST(IntegerDivision, ByZeroIsRefusedAndTheLeastNumberWraps) {
  const Tensor least = full(1, -0x1p63, int64);
  expect_error<ValueError>([] { floor_divide(arange(3), 0); }, {"floor_divide", "divided by 0"});
  expect_error<ValueError>([] { arange(3) % tensor({1, 0, 1}, int64); }, {"remainder"});
  expect_values(least % -1, {0});
  EXPECT_EQ(floor_divide(least, -1).item<int64_t>(), least.item<int64_t>());
}

TEST(StateDict, IsAskedByNameAndCopied) {
  const Tensor w = tensor({1, 2});
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

}  // namespace
}  // namespace rill
