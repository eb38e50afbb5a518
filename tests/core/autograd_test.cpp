#include <rill/core/autograd.h>
#include <rill/core/fused.h>
#include <rill/core/inplace.h>
#include <rill/core/ops.h>

#include <atomic>
#include <thread>

#include "tests/support/expect.h"

namespace rill {
namespace {

using testing::expect_error;
using testing::expect_values;

Tensor leaf(std::initializer_list<NestedList> values) {
  return tensor(values, float64).requires_grad_();
}

TEST(Backward, WritesTheGradientOfEachLeaf) {
  const Tensor x = leaf({1, 2, 3});
  const Tensor w = leaf({4, 5, 6});
  (x * w).sum().backward();
  expect_values(x.grad(), {4, 5, 6});
  expect_values(w.grad(), {1, 2, 3});
}

TEST(Backward, AddsUpOverSeveralCalls) {
  const Tensor x = leaf({2});
  (x * x).sum().backward();
  (x * x).sum().backward();
  expect_values(x.grad(), {8});
}

TEST(Backward, AddsUpWhereATensorIsUsedTwice) {
  const Tensor x = leaf({3});
  const Tensor y = x * x;
  (y * x + y).sum().backward();  // x³ + x²
  expect_values(x.grad(), {27 + 6});
}

TEST(Backward, TheTwoInputsOfAddDoNotShareTheirGradient) {
  const Tensor a = leaf({1, 1});
  const Tensor b = leaf({2, 2});
  (a + b).backward(tensor({1, 2}, float64));
  a.grad().mul_(10);
  expect_values(a.grad(), {10, 20});
  expect_values(b.grad(), {1, 2});
}

TEST(Backward, GivenGradientIsNotTakenOver) {
  const Tensor x = leaf({1, 1});
  const Tensor seed = tensor({1, 2}, float64);
  (x + 0.0).backward(seed);
  x.grad().zero_();
  expect_values(seed, {1, 2});
}

TEST(Backward, UnusedParameterHasNoGradient) {
  const Tensor x = leaf({1});
  const Tensor unused = leaf({1});
  (x * 2.0).sum().backward();
  EXPECT_FALSE(unused.grad().defined());
}

TEST(Backward, NonScalarNeedsAGradient) {
  const Tensor x = leaf({1, 2});
  expect_error<AutogradError>([&] { (x * 2.0).backward(); }, {"[2]"});
  expect_error<ShapeError>([&] { (x * 2.0).backward(ones({3}, float64)); }, {"[2]", "[3]"});
}

TEST(Backward, WithoutALeafSaysThatNoGraphLeadsThere) {
  expect_error<AutogradError>([] { ones({1}).backward(); }, {"no graph leads"});
  const Tensor x = leaf({1});
  Tensor y;
  {
    const NoGradGuard no_grad;
    y = x * 2.0;
  }
  expect_error<AutogradError>([&] { y.backward(); }, {"no graph leads"});
}

TEST(Backward, SecondTimeNeedsTheGraphRetained) {
  const Tensor x = leaf({3});
  const Tensor y = (x * x).sum();
  y.backward({}, {.retain_graph = true});
  y.backward();
  expect_values(x.grad(), {12});
  expect_error<AutogradError>([&] { y.backward(); }, {"second time", "retain_graph"});
}

TEST(Backward, LeafItselfGetsTheSeed) {
  const Tensor x = leaf({5});
  x.backward();
  expect_values(x.grad(), {1});
}

TEST(Backward, KeptInputChangedInPlaceIsNamedWithBothVersions) {
  const Tensor x = leaf({1, 2});
  const Tensor h = x * 1.0;
  const Tensor y = (h * h).sum();
  h.detach().add_(1);
  expect_error<AutogradError>([&] { y.backward(); }, {"mul", "version 0", "at 1"});
}

TEST(Backward, KeptOutputChangedInPlaceIsNoticed) {
  const Tensor x = leaf({1, 2});
  const Tensor y = exp(x);
  y.detach().zero_();
  expect_error<AutogradError>([&] { y.sum().backward(); }, {"exp", "in place"});
}

TEST(Backward, OptimizerLikeWritesAfterBackwardAreFine) {
  const Tensor w = leaf({1, 2});
  for (int step = 0; step < 3; ++step) {
    (w * w).sum().backward();
    const NoGradGuard no_grad;
    w.add_(w.grad(), -0.1);
    w.set_grad({});
  }
  expect_values(w, {0.512, 1.024}, 1e-12);
}

TEST(Backward, ViewTakenBeforeARecordedWriteIsRefused) {
  const Tensor x = leaf({1, 2});
  const Tensor h = x * 1.0;
  const Tensor old_view = h.view({2, 1});
  h.add_(x);
  expect_error<AutogradError>([&] { old_view * 2.0; }, {"view", "take the view again"});
  h.view({2, 1}).sum().backward();
  expect_values(x.grad(), {2, 2});
}

TEST(Backward, InsideBackwardOverTheSameGraphIsRefused) {
  const Tensor x = leaf({1});
  const Tensor h = x * 2.0;
  const Tensor y = (h * h).sum();
  h.register_hook([&](const Tensor&) {
    y.backward();
    return Tensor();
  });
  expect_error<AutogradError>([&] { y.backward(); }, {"inside backward"});
}

TEST(Backward, OnTwoThreadsOverASharedResultIsRefused) {
  const Tensor x = leaf({1});
  const Tensor shared = x * 2.0;
  const Tensor first = (shared * shared).sum();
  const Tensor second = (shared * 3.0).sum();
  std::string message;
  shared.register_hook([&](const Tensor&) {
    std::thread([&] {
      try {
        second.backward();
      } catch (const AutogradError& error) {
        message = error.what();
      }
    }).join();
    return Tensor();
  });
  first.backward({}, {.retain_graph = true});
  EXPECT_NE(message.find("two threads"), std::string::npos) << message;
  expect_values(x.grad(), {8});
  second.backward();  // the refused walk has let go of everything
  expect_values(x.grad(), {14});
}

TEST(Backward, OnManyThreadsOverASharedResultThrowsOrIsRight) {
  const Tensor x = leaf({1});
  Tensor shared = x;
  for (int i = 0; i < 50; ++i) shared = shared + x;
  std::atomic<int> finished{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 50; ++i) try {
          (shared * 2.0).sum().backward({}, {.retain_graph = true});
          ++finished;
        } catch (const AutogradError&) {
        }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_GT(finished, 0);
  EXPECT_EQ(x.grad().item(), finished * 102.0);
}

TEST(Backward, InsideBackwardOverAnotherGraphWithTheSameLeafWorks) {
  const Tensor x = leaf({3});
  const Tensor h = x * 2.0;
  h.register_hook([&](const Tensor&) {
    const GradModeGuard recording(true);  // a backward without create_graph records nothing
    (x * 10.0).sum().backward();
    return Tensor();
  });
  h.sum().backward();
  expect_values(x.grad(), {12});
}

TEST(Backward, SeparateGraphsOnEightThreadsGiveRightResults) {
  std::vector<double> found(8);
  std::vector<std::thread> threads;
  for (size_t t = 0; t < found.size(); ++t)
    threads.emplace_back([&found, t] {
      const Tensor x = full({4}, static_cast<double>(t), float64).requires_grad_();
      Tensor y = x;
      for (int i = 0; i < 200; ++i) y = y + x;
      (y * y).sum().backward();
      found[t] = x.grad().to_vector<double>()[0];
    });
  for (std::thread& thread : threads) thread.join();
  for (size_t t = 0; t < found.size(); ++t)
    EXPECT_EQ(found[t], 2.0 * 201 * 201 * static_cast<double>(t));
}

TEST(Backward, ThreadsThatShareALeafAddUp) {
  const Tensor x = leaf({1});
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t)
    threads.emplace_back([&x] {
      for (int i = 0; i < 50; ++i) (x * 2.0).sum().backward();
    });
  for (std::thread& thread : threads) thread.join();
  expect_values(x.grad(), {800});
}

TEST(NoGrad, RecordsNothingAndRestoresTheMode) {
  const Tensor x = leaf({1});
  {
    const NoGradGuard no_grad;
    EXPECT_FALSE((x * 2.0).requires_grad());
  }
  EXPECT_TRUE((x * 2.0).requires_grad());
}

TEST(NoGrad, AnExceptionInsideRestoresTheMode) {
  try {
    const NoGradGuard no_grad;
    throw std::runtime_error("inside");
  } catch (const std::runtime_error&) {
  }
  EXPECT_TRUE(is_grad_enabled());
}

TEST(RequiresGrad, IsForFloatingTensorsOnly) {
  expect_error<DTypeError>([] { arange(3).requires_grad_(); }, {"int64"});
}

TEST(RequiresGrad, CannotBeSwitchedOffOnTheResultOfAnOp) {
  const Tensor y = leaf({1}) * 2.0;
  expect_error<AutogradError>([&] { y.requires_grad_(false); }, {"mul", "detach"});
}

TEST(Detach, SharesDataButNotTheGraph) {
  const Tensor x = leaf({1, 2});
  const Tensor d = (x * 2.0).detach();
  EXPECT_FALSE(d.requires_grad());
  const Tensor y = x * 3.0;
  y.detach().fill_(7);
  expect_values(y, {7, 7});
}

TEST(Grad, GivesGradientsWithoutTouchingLeaves) {
  const Tensor x = leaf({2});
  const Tensor w = leaf({3});
  const Tensor y = (x * x * w).sum();
  const std::vector<Tensor> found = grad({y}, {x, w});
  expect_values(found[0], {12});
  expect_values(found[1], {4});
  EXPECT_FALSE(x.grad().defined());
}

TEST(Grad, OfAnIntermediateResult) {
  const Tensor x = leaf({2});
  const Tensor h = x * x;
  const Tensor y = (h * h).sum();
  expect_values(grad(y, h), {8});
}

TEST(Grad, OfListsIsAListEvenOfOne) {
  const Tensor x = leaf({2, 3});
  const Tensor w = leaf({3, 4});
  const Tensor y = (x * w).sum();
  const auto found = grad({y}, {x}, {.retain_graph = true});
  static_assert(std::is_same_v<decltype(found), const std::vector<Tensor>>);
  ASSERT_EQ(found.size(), 1u);
  expect_values(found[0], {3, 4});
  const std::vector<Tensor> both = grad(y, {x, w}, {.retain_graph = true});
  expect_values(both[1], {2, 3});
  expect_values(grad(y, {w}, {.retain_graph = true}).at(0), {2, 3});
  expect_values(grad(y, x, {.retain_graph = true})[0], {3, 4});
  const Tensor alone = grad(y, x);
  expect_values(alone, {3, 4});
}

TEST(Grad, OfOneInputMayBeBoundToAReference) {
  const Tensor x = tensor({1.0, 2.0}).requires_grad_();
  const Tensor& gradient = grad((x * x).sum(), x);
  expect_values(gradient, {2, 4});
}

TEST(Grad, OfSeveralOutputsIsTheSum) {
  const Tensor x = leaf({2});
  const Tensor found = grad({x * 3.0, x * x}, {x},
                            {.grad_outputs = {tensor({1}, float64), tensor({10}, float64)}})[0];
  expect_values(found, {43});
}

TEST(Grad, OfAnUnusedInputIsAnErrorUnlessAllowed) {
  const Tensor x = leaf({2});
  const Tensor unused = leaf({1, 2});
  const Tensor y = (x * x).sum();
  expect_error<AutogradError>(
      [&] {
        grad({y}, {x, unused}, {.retain_graph = true});
      },
      {"input 1", "[2]", "allow_unused"});
  EXPECT_FALSE(grad(y, unused, {.allow_unused = true})[0].defined());
}

TEST(Grad, OfGradientsOfGradients) {
  const Tensor x = leaf({2});
  const Tensor y = (x * x * x * x).sum();
  const Tensor first = grad(y, x, {.create_graph = true});
  const Tensor second = grad(first.sum(), x, {.create_graph = true});
  const Tensor third = grad(second.sum(), x);
  expect_values(first, {32});
  expect_values(second, {48});
  expect_values(third, {48});
}

TEST(Grad, SecondDerivativeThroughAKeptOutput) {
  const Tensor x = leaf({0.5});
  const Tensor y = (exp(x) * x).sum();  // its second derivative is (x + 2) eˣ
  const Tensor first = grad(y, x, {.create_graph = true});
  expect_values(grad(first.sum(), x), {4.1218031767503205}, 1e-14);
}

TEST(Grad, PenaltyOnTheGradientTrains) {
  const Tensor w = leaf({1, 2});
  const Tensor y = (w * w * w).sum();
  grad(y, w, {.create_graph = true})[0].pow(2).sum().backward();  // d/dw (3w²)² = 36w³
  expect_values(w.grad(), {36, 288}, 1e-10);
}

TEST(Hooks, RunInOrderAndMayReplaceTheGradient) {
  const Tensor x = leaf({1});
  x.register_hook([](const Tensor& g) { return g * 2.0; });
  x.register_hook([](const Tensor& g) { return g + 1.0; });
  (x * 5.0).sum().backward();
  expect_values(x.grad(), {11});
}

TEST(Hooks, OfALeafRunOnceOnTheSum) {
  const Tensor x = leaf({1});
  int calls = 0;
  x.register_hook([&](const Tensor& g) {
    ++calls;
    expect_values(g, {7});
    return Tensor();
  });
  (x * 3.0 + x * 4.0).sum().backward();
  EXPECT_EQ(calls, 1);
}

TEST(Hooks, OfAnIntermediateChangeWhatFlowsOn) {
  const Tensor x = leaf({1});
  const Tensor h = x * 2.0;
  h.register_hook([](const Tensor& g) { return g * 100.0; });
  h.sum().backward();
  expect_values(x.grad(), {200});
}

TEST(Hooks, CanBeRemoved) {
  const Tensor x = leaf({1});
  const int64_t number = x.register_hook([](const Tensor& g) { return g * 2.0; });
  x.remove_hook(number);
  (x * 5.0).sum().backward();
  expect_values(x.grad(), {5});
}

TEST(Hooks, AChangedShapeIsAnError) {
  const Tensor x = leaf({1, 2});
  x.register_hook([](const Tensor&) { return ones({3}, float64); });
  expect_error<AutogradError>([&] { x.sum().backward(); }, {"hook", "[3]", "[2]"});
}

TEST(RetainGrad, KeepsTheGradientOfAnIntermediate) {
  const Tensor x = leaf({3});
  const Tensor h = x * x;
  h.retain_grad();
  (h * 5.0).sum().backward();
  expect_values(h.grad(), {5});
  expect_values(x.grad(), {30});
}

}  // namespace
}  // namespace rill
