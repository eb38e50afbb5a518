#include <rill/core/autograd.h>
#include <rill/core/gradcheck.h>
#include <rill/core/inplace.h>
#include <rill/core/ops.h>

#include "tests/support/expect.h"

namespace rill {
namespace {

using testing::expect_error;
using testing::expect_values;

TEST(InPlace, WritesToTheTensorAndItsViews) {
  const Tensor x = tensor({{1.0, 2.0}, {3.0, 4.0}});
  const Tensor column = x.select(1, 0);
  x.add_(tensor({10.0, 20.0}));
  expect_values(column, {11, 13});
  column.mul_(2);
  expect_values(x, {22, 22, 26, 24});
  x.T().sub_(tensor({1.0, 2.0}));  // [1, 2] over the columns of x.T() are the rows of x
  expect_values(x, {21, 21, 24, 22});
  EXPECT_EQ(x.version(), 3u);
}

TEST(InPlace, ComputesWhatItSays) {
  expect_values(tensor({1.0, 2.0}).add_(tensor({3.0, 4.0}), 0.5), {2.5, 4});
  expect_values(tensor({1.0, 2.0}).add_(3), {4, 5});
  expect_values(tensor({6.0, 8.0}).div_(tensor({2.0, 4.0})), {3, 2});
  expect_values(tensor({1.0, 2.0}).zero_(), {0, 0});
  expect_values(tensor({1.0, 2.0}).copy_(tensor({5.7, 6}, float64)), {5.7f, 6});
  expect_values(tensor({1, 2}, int64).copy_(tensor({5.7, -6.2})), {5, -6});
  expect_values(zeros({2, 2}).copy_(tensor({1.0, 2.0})), {1, 2, 1, 2});
  expect_values(tensor({3, 4}, int64).add_(tensor({1, 2}, int64), -2), {1, 0});
  const Tensor a = tensor({6.0, 8.0}), b = tensor({2.0, 4.0});
  expect_values(tensor({1.0, 2.0}).addcmul_(a, b), {13, 34});
  expect_values(tensor({1.0, 2.0}).addcdiv_(a, b, 0.5), {2.5, 3});
  expect_values(tensor({-1.0, 5.0}).clamp_(0, 1), {0, 1});
  expect_values(tensor({-1.0, 5.0}).clamp_({}, 1), {-1, 1});
}

TEST(InPlace, OpsThatKeepTheShapeWriteToTheTensor) {
  const Tensor x = tensor({0.25, -1.5}), y = tensor({0.5, 2.0});
  expect_values(x.clone().exp_(), exp(x).to_vector());
  expect_values(x.clone().pow_(2), {0.0625, 2.25});
  expect_values(x.clone().remainder_(y), {0.25, 0.5});
  expect_values(x.clone().leaky_relu_(0.5), {0.25, -0.75});
  expect_values(x.clone().gt_(0), {1, 0});
  expect_values(x.clone().masked_fill_(x > 0, tensor(7.0)), {7, -1.5});
  expect_values(ones({2, 2}).tril_(), {1, 0, 1, 1});
  expect_values(zeros({1, 1}).addmm_(y.view({1, 2}), y.view({2, 1}), 1, 2), {8.5});
  const Tensor row = zeros({2, 2});
  EXPECT_EQ(row[1].cos_().data<float>(), row[1].data<float>());
  expect_values(row, {0, 0, 1, 1});
}

TEST(InPlace, OpsWrittenInPlaceHaveTheirGradient) {
  const auto keeps_its_output = [](const Tensor& x) { return (x * 1).exp_().mul_(2).tanh_(); };
  const auto keeps_its_input = [](const Tensor& x) { return (x * 1).sin_().clamp_(-0.9).pow_(2); };
  const Tensor x = tensor({0.5, -1.5}, float64).requires_grad_();
  EXPECT_TRUE(gradcheck(keeps_its_output, x));
  EXPECT_TRUE(gradcheck(keeps_its_input, x));
}

TEST(InPlace, GivesBackTheTensorThatItWroteTo) {
  const Tensor x = tensor({2.0, 3.0}), y = tensor({4.0, 5.0});
  const std::vector<std::function<Tensor()>> writes = {
      [&] { return x.zero_(); }, [&] { return x.fill_(3); },  [&] { return x.copy_(y); },
      [&] { return x.add_(y); }, [&] { return x.add_(1.5); }, [&] { return x.sub_(y); },
      [&] { return x.mul_(y); }, [&] { return x.mul_(0.5); }, [&] { return x.div_(y); }};
  for (size_t i = 0; i < writes.size(); ++i) {
    const Tensor out = writes[i]();
    EXPECT_EQ(out.data<float>(), x.data<float>()) << "write " << i;
    EXPECT_EQ(out.to_vector(), x.to_vector()) << "write " << i;
  }
}

TEST(InPlace, OnItselfReadsTheOldValues) {
  const Tensor x = tensor({2.0, 3.0});
  x.mul_(x);
  expect_values(x, {4, 9});
  x.add_(x, -0.5);
  expect_values(x, {2, 4.5});
  expect_values(x.div_(x), {1, 1});
  EXPECT_EQ(x.copy_(x).version(), 3u);
}

TEST(InPlace, OnALeafThatRequiresAGradientIsRefused) {
  const Tensor w = tensor({1.0, 2.0}).requires_grad_();
  for (const std::function<void()>& write : {std::function<void()>([&] { w.add_(1); }),
                                             {[&] { w.zero_(); }},
                                             {[&] { w.mul_(2); }},
                                             {[&] { w.copy_(ones({2})); }},
                                             {[&] { detail::begin_write(w); }}})
    expect_error<AutogradError>(write, {"leaf", "NoGradGuard"});
  expect_values(w, {1, 2});
  EXPECT_EQ(w.version(), 0u);
  const NoGradGuard no_grad;
  w.add_(1);
  expect_values(w, {2, 3});
  EXPECT_TRUE(w.requires_grad());
}

TEST(InPlace, OnAViewThatNeedsGradientsIsRefused) {
  const Tensor w = tensor({1.0, 2.0}).requires_grad_();
  const Tensor base = zeros({2, 2});
  expect_error<AutogradError>([&] { base[0].add_(w); }, {"add_: ", "view"});
  expect_error<AutogradError>([&] { (w * w).view({1, 2}).zero_(); }, {"zero_: ", "view"});
  expect_error<AutogradError>([&] { w.select(0, 1).fill_(3); }, {"fill_: ", "view"});
  expect_values(base, {0, 0, 0, 0});
}

TEST(InPlace, OnOverlappingMemoryIsRefused) {
  const Tensor wide = zeros({1, 2}).expand({3, 2});
  expect_error<ShapeError>([&] { wide.add_(1); }, {"add_: ", "[3, 2]", "[0, 1]", "clone"});
  expect_error<ShapeError>([&] { wide.zero_(); }, {"zero_: "});
  expect_error<ShapeError>([&] { detail::begin_write(wide); }, {"[3, 2]"});
}

TEST(InPlace, FromASourceThatOverlapsIsRefusedUnlessNoElementIsShared) {
  const Tensor x = tensor({{1.0, 2.0}, {3.0, 4.0}});
  expect_error<ShapeError>([&] { x.add_(x[0]); }, {"shares memory", "[2]", "[2, 2]"});
  expect_error<ShapeError>([&] { x.copy_(x.T()); }, {"shares memory"});
  expect_error<ShapeError>([&] { x.flatten().narrow(0, 0, 3).copy_(x.flatten().narrow(0, 1, 3)); },
                           {"shares memory"});
  x.select(1, 0).copy_(x.select(1, 1));
  expect_values(x, {2, 2, 4, 4});
}

TEST(InPlace, RefusesShapesAndDtypesThatDoNotFit) {
  const Tensor x = zeros({2, 3});
  expect_error<ShapeError>([&] { x.add_(ones({2})); }, {"add_: ", "[2]", "[2, 3]"});
  expect_error<ShapeError>([&] { zeros({3}).add_(ones({2, 3})); }, {"[2, 3]", "[3]"});
  expect_error<DTypeError>([&] { x.add_(ones({3}, float64)); }, {"float32", "float64"});
  expect_error<DTypeError>([] { ones({2}, int64).div_(ones({2}, int64)); }, {"div_: ", "int64"});
  expect_error<ValueError>([] { ones({2}, int64).add_(ones({2}, int64), 0.5); }, {"alpha", "0.5"});
  expect_error<DTypeError>(
      [] {
        zeros({2}, int64).copy_(tensor({1.0, 2.0}).requires_grad_());
      },
      {"copy_: ", "int64"});
  EXPECT_EQ(x.version(), 0u);
}

TEST(InPlace, RefusesNumbersThatTheDtypeCannotHold) {
  const Tensor whole = tensor({3, 4}, int64), truths = tensor({1, 0}, bool_);
  expect_error<DTypeError>([&] { whole.mul_(0.5); }, {"int64", "0.5", "not whole"});
  expect_error<DTypeError>([&] { whole.add_(0.9); }, {"int64", "0.9"});
  expect_error<DTypeError>([&] { whole.fill_(1.5); }, {"fill_: ", "int64", "1.5"});
  expect_error<DTypeError>([&] { whole.fill_(1e19); }, {"fill_: ", "1e+19"});
  expect_error<DTypeError>([&] { truths.fill_(0.5); }, {"fill_: ", "bool", "0.5"});
  expect_error<DTypeError>([&] { truths.add_(truths); }, {"add_: ", "bool"});
  expect_error<DTypeError>([&] { truths.mul_(2); }, {"mul_: ", "bool"});
  expect_values(whole, {3, 4});
  expect_values(truths, {1, 0});
  EXPECT_EQ(whole.version(), 0u);
  expect_values(whole.mul_(2).add_(-1), {5, 7});
  expect_values(whole.fill_(9), {9, 9});
  expect_values(truths.fill_(1), {1, 1});
}

TEST(InPlace, GradientsOfAddFlowToBoth) {
  const Tensor w = tensor({1, 2}, float64).requires_grad_();
  const Tensor b = scalar(3, float64).requires_grad_();
  const Tensor x = w * w;
  x.add_(b, 2);
  expect_values(x, {7, 10});
  x.backward(tensor({1, 10}, float64));
  expect_values(w.grad(), {2, 40});
  expect_values(b.grad(), {22});
}

TEST(InPlace, MulAndDivRememberTheOldValues) {
  const Tensor w = tensor({2, 3}, float64).requires_grad_();
  const Tensor b = tensor({5, 4}, float64).requires_grad_();
  const Tensor x = w * 1;
  x.mul_(b).div_(w);  // w b / w
  expect_values(x, {5, 4});
  x.sum().backward();
  expect_values(b.grad(), {1, 1}, 1e-12);
  expect_values(w.grad(), {0, 0}, 1e-12);
}

TEST(InPlace, MulByItselfDoublesTheSlope) {
  const Tensor w = tensor({2, 3}, float64).requires_grad_();
  const Tensor x = w * 1;
  x.mul_(x);
  const Tensor first = grad(x.sum(), w, {.create_graph = true});
  expect_values(first, {4, 6});
  expect_values(grad(first.sum(), w), {2, 2});
}

TEST(InPlace, AChainOfWritesPassesGradcheckTwice) {
  const Tensor a = tensor({{1, 2}, {-3, 0.5}}, float64).requires_grad_();
  const Tensor b = tensor({1.5, -2}, float64).requires_grad_();
  const Tensor c = tensor({{2}, {3}}, float64).requires_grad_();
  const TensorFunction function = [](const std::vector<Tensor>& in) {
    const Tensor x = in[0] * in[0];
    x.mul_(in[1]).add_(in[0], 0.5).div_(in[2]).sub_(in[1]);
    const Tensor y = zeros({2, 2, 2}, float64);
    return y.copy_(x).mul_(y).add_(x);
  };
  EXPECT_TRUE(gradcheck(function, {a, b, c}));
  EXPECT_TRUE(gradgradcheck(function, {a, b, c}));
}

TEST(InPlace, FillCutsTheGradientOfWhatWasThere) {
  const Tensor w = tensor({2.0, 3.0}).requires_grad_();
  const Tensor x = w * w;
  x.zero_();
  (x + w).sum().backward();
  expect_values(w.grad(), {1, 1});
}

TEST(InPlace, CopyGivesTheGradientToItsSource) {
  const Tensor source = tensor({1.0, 2.0}).requires_grad_();
  const Tensor x = zeros({3, 2}, float64);
  x.copy_(source);
  EXPECT_TRUE(x.requires_grad());
  x.backward(tensor({{1, 2}, {3, 4}, {5, 6}}, float64));
  EXPECT_EQ(source.grad().dtype(), float32);
  expect_values(source.grad(), {9, 12});
}

TEST(InPlace, CopyOfWhatIsThereWithoutItsGraphEndsTheGradient) {
  const Tensor w = tensor({1, 2}, float64).requires_grad_();
  const Tensor x = w * 3;
  x.copy_(x.detach());
  expect_values(x, {3, 6});
  expect_values(grad(x.sum(), w), {0, 0});
  const Tensor same = w * 3;
  same.copy_(same);
  expect_values(grad(same.sum(), w), {3, 3});
}

TEST(InPlace, AFactorThatIsDetachedGetsNoGradient) {
  const Tensor w = tensor({1, 2}, float64).requires_grad_();
  const Tensor product = w * 3;
  product.mul_(product.detach());  // 3w · (3w held fixed)
  expect_values(product, {9, 36});
  expect_values(grad(product.sum(), w), {9, 18});
  const Tensor quotient = w * 3;
  quotient.div_(quotient.detach());
  expect_values(grad(quotient.sum(), w), {1, 0.5}, 1e-15);
}

TEST(InPlace, AViewTakenBeforeIsStaleAndOneTakenAfterIsNot) {
  const Tensor w = tensor({1.0, 2.0}).requires_grad_();
  const Tensor x = w * w;
  const Tensor before = x[0];
  x.mul_(3);
  expect_error<AutogradError>([&] { before * 2; }, {"view", "again"});
  expect_values(grad(x[1] * 2, w), {0, 24});
}

TEST(InPlace, WhatIsDetachedFromAStaleViewMayBecomeALeaf) {
  const Tensor w = tensor({1.0, 2.0}).requires_grad_();
  const Tensor x = w * w;
  const Tensor before = x[1];
  x.mul_(3);
  const Tensor leaf = before.detach().requires_grad_();
  expect_values(grad(leaf * leaf, leaf), {24});
}

TEST(InPlace, AViewThatNeededNoGradientIsStaleToo) {
  const Tensor w = tensor({3.0, 4.0}).requires_grad_();
  const Tensor x = ones({2});
  const Tensor before = x.view({2, 1});
  const Tensor plain = x.detach().view({2, 1});
  const Tensor of_view = before.detach();
  x.mul_(w);
  expect_error<AutogradError>([&] { before.sum(); }, {"sum: ", "view", "again"});
  expect_error<AutogradError>([&] { w.view({2, 1}) * before; }, {"mul: ", "view", "again"});
  expect_error<AutogradError>([&] { before.mul_(2); }, {"mul_: ", "view"});
  expect_values(plain * 2, {6, 8});  // detach() says that no gradient is wanted
  expect_values(of_view * 2, {6, 8});
  expect_values(x, {3, 4});
  const NoGradGuard no_grad;
  expect_values(before * 2, {6, 8});
}

TEST(InPlace, AViewStaysGoodWhileWritesAreNotRecorded) {
  const Tensor w = tensor({3.0, 4.0}).requires_grad_();
  const Tensor x = ones({2});
  const Tensor row = x.view({1, 2});
  x.mul_(2);
  {
    const NoGradGuard no_grad;
    x.mul_(w);
  }
  const Tensor y = row * w;
  expect_values(y, {18, 32});
  expect_values(grad(y.sum(), w), {6, 8});
}

TEST(InPlace, AKeptTensorThatIsWrittenIsNoticedInBackward) {
  const Tensor w = tensor({1.0, 2.0}).requires_grad_();
  const Tensor x = w * 1;
  const Tensor y = x * x;
  x.add_(1);
  expect_error<AutogradError>([&] { y.sum().backward(); }, {"mul", "version 0", "at 1"});
}

TEST(InPlace, KeepsRetainedGradientsAtTheNewPlace) {
  const Tensor w = tensor({1.0, 2.0}).requires_grad_();
  const int64_t before = live_tensors();
  {
    const Tensor x = w * 2;
    x.retain_grad();
    x.mul_(3);
    x.sum().backward();
    expect_values(x.grad(), {1, 1});
  }
  expect_values(w.grad(), {6, 6});
  EXPECT_EQ(live_tensors(), before + 1);  // w.grad()
}

TEST(InPlace, AViewOfAGraphlessTensorIsPlainMemory) {
  const Tensor x = zeros({2, 2});
  x[1].fill_(4);
  expect_values(x, {0, 0, 4, 4});
  EXPECT_FALSE(x.requires_grad());
}

TEST(InPlace, BeginWriteOnlyCounts) {
  const Tensor x = ones({2});
  detail::begin_write(x);
  EXPECT_EQ(x.version(), 1u);
  const Tensor y = ones({2}).requires_grad_() * 2;
  expect_error<AutogradError>([&] { detail::begin_write(y); }, {"detach"});
}

}  // namespace
TEST(InPlace, ADetachedTensorTakesNoRecordedWrite) {
  // A view of it taken before would show the new numbers without their gradient.
  const Tensor w = tensor({1.0, 2.0}).requires_grad_();
  const Tensor a = (w * 0.0).detach();
  const Tensor v = a.narrow(0, 0, 1);
  expect_error<AutogradError>([&] { a.add_(w); }, {"detached", "clone()"});
  expect_values(v, {0});
  a.add_(w.detach());
  expect_values(v, {1});
}

}  // namespace rill
