#include <rill/core/autograd.h>
#include <rill/core/ops.h>

#include <atomic>
#include <thread>
#include <vector>

#include "tests/support/expect.h"

// What belongs to a leaf besides its numbers, hooks and its place in graphs, stays with it.

namespace rill {
namespace {

using testing::expect_error;
using testing::expect_values;

Tensor leaf(std::initializer_list<NestedList> values) {
  return tensor(values, float64).requires_grad_();
}

Tensor twice(const Tensor& gradient) { return gradient * 2.0; }

TEST(Hooks, NumberOfARemovedHookIsNotGivenAgain) {
  const Tensor x = leaf({1});
  const int64_t removed = x.register_hook(twice);
  x.remove_hook(removed);
  x.register_hook(twice);
  x.remove_hook(removed);
  x.sum().backward();
  expect_values(x.grad(), {2});
}

TEST(Hooks, MayBeRegisteredAndRemovedOnManyThreads) {
  const Tensor x = leaf({1});
  std::atomic<int> calls = 0;
  const auto count = [&](const Tensor&) {
    ++calls;
    return Tensor();
  };
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 50; ++i) {
        x.register_hook(count);
        x.remove_hook(x.register_hook(count));
      }
    });
  for (std::thread& thread : threads) thread.join();
  x.sum().backward();
  EXPECT_EQ(calls, 200);
}

TEST(Hooks, StayWhileALeafIsFrozen) {
  const Tensor x = leaf({3});
  const int64_t first = x.register_hook(twice);
  x.register_hook(twice);
  x.requires_grad_(false);
  x.remove_hook(first);
  x.requires_grad_();
  x.sum().backward();
  expect_values(x.grad(), {2});
}

TEST(RequiresGrad, OffAndOnLeavesGraphsRecordedBeforeAsTheyWere) {
  const Tensor x = leaf({3});
  const Tensor y = (x * x).sum();
  x.requires_grad_(false);
  x.requires_grad_();
  y.backward();
  expect_values(x.grad(), {6});
}

TEST(RequiresGrad, OffMeansNoGradientFromGraphsRecordedBefore) {
  const Tensor x = leaf({3}), w = leaf({4});
  const Tensor y = (x * w).sum();
  x.requires_grad_(false);
  y.backward();
  EXPECT_FALSE(x.grad().defined());
  expect_values(w.grad(), {3});
}

TEST(SwapData, KeepsHooks) {
  const Tensor x = leaf({3});
  x.register_hook(twice);
  x.swap_data(tensor({1.0, 2.0}));
  x.sum().backward();
  expect_values(x.grad(), {2, 2});
}

TEST(SwapData, OfAnotherShapeMakesGraphsRecordedBeforeRefuse) {
  const Tensor x = leaf({3}), w = leaf({4});
  const Tensor y = (x * w).sum();
  x.swap_data(tensor({1.0, 2.0}));
  expect_error<AutogradError>([&] { y.backward(); },
                              {"leaf float64 [1]", "swap_data", "record the graph again"});
  EXPECT_FALSE(w.grad().defined());
  expect_values(grad(y, w), {3});  // which does not need x
}

TEST(SwapData, OfTheSameShapeKeepsTheLeaf) {
  const Tensor x = leaf({3});
  const Tensor y = (x * x).sum();
  x.swap_data(tensor({5}, float64));
  y.backward();
  expect_values(x.grad(), {6});
}

TEST(Hooks, OfALeafRunOnceItsGradientIsWholeWhileTheWalkGoesOn) {
  const Tensor early = leaf({2}), late = leaf({3}), shared = leaf({5});
  std::string order;
  early.register_hook([&](const Tensor&) { order += "early "; });
  late.register_hook([&](const Tensor&) { order += "late "; });
  shared.register_hook([&](const Tensor& gradient) {
    EXPECT_EQ(gradient.item(), 9);  // d(2s·3 + s)/ds·1 and 2 more: all of its uses
    order += "shared ";
  });
  const Tensor first = early * shared;
  first.register_hook([&](const Tensor&) { order += "(first) "; });
  const Tensor second = first * late;
  (second + shared + shared * 2.0).sum().backward();
  EXPECT_EQ(order, "late (first) early shared ");
}

TEST(Hooks, OfALeafThatOneOpUsesTwiceSeesBothParts) {
  const Tensor x = leaf({3});
  std::vector<double> seen;
  x.register_hook([&](const Tensor& gradient) { seen.push_back(gradient.item()); });
  (x * x).sum().backward();
  EXPECT_EQ(seen, std::vector<double>{6});
}

TEST(Hooks, OfALeafThatIsTakenApartSeesAllPartsWhileTheWalkGoesOn) {
  const Tensor early = leaf({3}), parts = leaf({2, 5});
  std::string order;
  early.register_hook([&](const Tensor&) { order += "early "; });
  parts.register_hook([&](const Tensor& gradient) {
    expect_values(gradient, {3, 1});
    order += "parts ";
  });
  const Tensor first = early * 2.0;
  (parts.narrow(0, 0, 1) * 3.0 + parts.narrow(0, 1, 1) + first).sum().backward();
  EXPECT_EQ(order, "parts early ");
}

}  // namespace
}  // namespace rill
