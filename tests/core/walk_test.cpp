#include <rill/core/autograd.h>
#include <rill/core/inplace.h>
#include <rill/core/ops.h>

#include <string>
#include <thread>

#include "tests/support/expect.h"

// Which part of a graph a backward walks, and what it leaves where it fails.

namespace rill {
namespace {

using testing::expect_error;
using testing::expect_values;

Tensor leaf(std::initializer_list<NestedList> values) {
  return tensor(values, float64).requires_grad_();
}

/// y = x·h·n behind a graph of h that is freed. Whichever leaf was made first, x or h's.
void expect_gradients_beside_a_freed_part(const Tensor& x, const Tensor& behind, const Tensor& n) {
  const Tensor h = behind * behind;
  const Tensor y = (x * h * n).sum();
  h.sum().backward();
  expect_values(grad(y, n, {.retain_graph = true}), {2 * 9});
  expect_values(grad(y, x, {.retain_graph = true}), {9 * 5});
  expect_values(grad(y, h, {.retain_graph = true}), {2 * 5});
  expect_error<AutogradError>([&] { grad(y, behind, {.retain_graph = true}); }, {"second time"});
  expect_error<AutogradError>([&] { y.backward(); }, {"second time"});
}

TEST(Grad, NeedsNoFreedPartThatIsNotOnTheWay) {
  const Tensor first = leaf({2}), behind = leaf({3}), n = leaf({5}), last = leaf({2});
  expect_gradients_beside_a_freed_part(first, behind, n);
  expect_gradients_beside_a_freed_part(last, behind, n);
}

TEST(Grad, NeedsNoPartThatAnotherWalkHasAndThatIsNotOnTheWay) {
  const Tensor x = leaf({2}), behind = leaf({3});
  const Tensor h = behind * behind;
  const Tensor y = (x * h).sum();
  Tensor here, there, of_h;
  h.register_hook([&](const Tensor&) {
    here = grad(y, x, {.retain_graph = true});
    std::thread([&] { there = grad(y, x, {.retain_graph = true}); }).join();
    return Tensor();
  });
  h.sum().backward();
  expect_values(here, {9});
  expect_values(there, {9});
}

TEST(Grad, OfAResultThatAnotherWalkHasEndsThere) {
  const Tensor x = leaf({3});
  const Tensor h = x * x;
  const Tensor y = (h * 7.0).sum();
  Tensor found;
  x.register_hook([&](const Tensor&) {
    found = grad(y, h);
    return Tensor();
  });
  h.sum().backward();
  expect_values(found, {7});
}

TEST(Grad, OfAnUnusedInputFreesNothingBeforeItIsRefused) {
  const Tensor x = leaf({2}), unused = leaf({1});
  const Tensor y = (x * x).sum();
  expect_error<AutogradError>([&] { grad(y, {x, unused}); }, {"input 1", "allow_unused"});
  expect_values(grad(y, x), {4});
}

TEST(Grad, NamesTheInputThatTheOutputDoesNotDependOn) {
  const Tensor x = leaf({2}), unused = leaf({3, 4, 5});
  const Tensor y = (x * x).sum();
  expect_error<AutogradError>([&] { grad(y, {unused, x}); }, {"input 0 of shape [3]"});
  expect_error<AutogradError>([&] { grad(y, {x, unused}); }, {"input 1 of shape [3]"});
}

TEST(Grad, OfNoInputsIsRefused) {
  const Tensor x = leaf({2});
  expect_error<AutogradError>([&] { grad(x * x, std::vector<Tensor>{}); }, {"no input"});
  EXPECT_FALSE(x.grad().defined());
}

TEST(Grad, GivesEachGradientMemoryOfItsOwn) {
  const Tensor a = leaf({1, 2}), b = leaf({3, 4}), seed = tensor({1, 1}, float64);
  for (const bool create_graph : {false, true}) {
    const GradOptions options{.grad_outputs = {seed}, .create_graph = create_graph};
    const std::vector<Tensor> twice = grad({a * a}, {a, a}, options);
    const std::vector<Tensor> both = grad({a + b}, {a, b}, options);
    const NoGradGuard no_grad;
    twice[0].mul_(5);
    both[0].mul_(5);
    expect_values(twice[1], {2, 4});
    expect_values(both[1], {1, 1});
    expect_values(seed, {1, 1});
  }
}

TEST(Grad, GivesAGradientThatCanBeWrittenTo) {
  const Tensor x = leaf({1, 2});
  const Tensor gradient = grad(x.sum(), x);  // of one number, stretched
  gradient.mul_(3);
  expect_values(gradient, {3, 3});
}

TEST(Backward, WantsAGradientLikeItsOutput) {
  const Tensor y = leaf({1, 2}) * 2;
  expect_error<ShapeError>([&] { y.backward(ones({2}, float32)); }, {"must be like it"});
  expect_error<ShapeError>([&] { y.backward(ones({1}, float64)); }, {"must be like it"});
}

TEST(Backward, InsideAnOpLeavesItTheRunningOne) {
  const Op op("outer");
  leaf({2}).pow(2).sum().backward();
  EXPECT_EQ(Op::current(), &op);
}

/// How often ops add during a backward.
class Additions : public Observer {
 public:
  void on_begin(const char* op) override {
    in_place += std::string(op) == "add_";
    out_of_place += std::string(op) == "add";
  }
  int in_place = 0, out_of_place = 0;
};

TEST(Backward, AddsUpInPlaceUnlessTheSumIsRecorded) {
  for (const bool create_graph : {false, true}) {
    const Tensor x = leaf({1, 2});
    const Tensor y = (x * 2 + x * 3 + x * 5).sum();
    Additions seen;
    {
      const ObserverGuard watch(seen);
      y.backward({}, {.create_graph = create_graph});
    }
    EXPECT_EQ(seen.in_place, create_graph ? 0 : 2);
    EXPECT_EQ(seen.out_of_place, create_graph ? 2 : 0);
    expect_values(x.grad(), {10, 10});
  }
}

TEST(StaleView, StartsNoBackward) {
  const Tensor x = leaf({1, 2});
  const Tensor y = x * 1.0;
  const Tensor first = y[0];
  y.mul_(10);
  expect_error<AutogradError>([&] { first.backward(); }, {"view", "again"});
  expect_error<AutogradError>([&] { grad(first, x); }, {"view", "again"});
  expect_error<AutogradError>([&] { grad(y.sum(), first); }, {"view", "again"});
  expect_error<AutogradError>([&] { first.retain_grad(); }, {"view", "again"});
  expect_error<AutogradError>([&] { first.register_hook([](const Tensor& g) { return g; }); },
                              {"view", "again"});
  y[0].backward();
  expect_values(x.grad(), {10, 0});
}

TEST(Grad, OfAnOpThatIsUsedTwiceIsWhole) {
  const Tensor x = leaf({3});
  const Tensor y = x * 2.0;
  int calls = 0;
  y.register_hook([&](const Tensor&) { ++calls; });
  expect_values(grad({(y * y + y).sum()}, {y})[0], {13});
  EXPECT_EQ(calls, 1);
}

TEST(Grad, OfALeafThatIsAnOutputTwiceCountsBoth) {
  const Tensor x = leaf({3});
  expect_values(grad({x, x, x * x}, {x})[0], {2 + 2 * 3});
}

/// A hook that throws for as long as `fails` says.
void fail_at(const Tensor& tensor, const bool& fails) {
  tensor.register_hook([&fails](const Tensor&) {
    if (fails) throw std::runtime_error("stop");
    return Tensor();
  });
}

TEST(FailedBackward, LeavesEveryGradAsItWas) {
  const Tensor older = leaf({2}), newer = leaf({3});
  const Tensor h = older * newer;
  h.retain_grad();
  newer.set_grad(tensor({100}, float64));
  bool fails = true;
  fail_at(older, fails);  // the gradient of `newer` is complete before
  const Tensor y = h.sum();
  EXPECT_THROW(y.backward({}, {.retain_graph = true}), std::runtime_error);
  EXPECT_FALSE(older.grad().defined());
  EXPECT_FALSE(h.grad().defined());
  expect_values(newer.grad(), {100});
  fails = false;
  y.backward();
  expect_values(older.grad(), {3});
  expect_values(h.grad(), {1});
  expect_values(newer.grad(), {102});
}

TEST(FailedBackward, SaysWhyItsGraphCannotBeWalkedAgain) {
  const Tensor x = leaf({2});
  bool fails = true;
  fail_at(x, fails);
  const Tensor y = (x * x).sum();
  EXPECT_THROW(y.backward(), std::runtime_error);
  expect_error<AutogradError>([&] { y.backward(); }, {"one that failed", "record the graph again"});
}

}  // namespace
}  // namespace rill
