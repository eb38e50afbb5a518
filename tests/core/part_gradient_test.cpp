#include <gtest/gtest.h>

#include <rill/core/autograd.h>
#include <rill/core/memory/storage.h>
#include <rill/core/observer.h>
#include <rill/core/ops.h>

#include "tests/support/expect.h"

// Gradients of parts are added where they belong, and nothing is made around them.

namespace rill::testing {
namespace {

/// Σ_t (t + 1) Σ x[:, t], and x[:, 1:3] once more, of x [2, 4].
Tensor loss_of_parts(const Tensor& x) {
  Tensor loss = x.narrow(1, 1, 2).sum();
  double factor = 0;
  for (const Tensor& part : unbind(x, 1)) loss = loss + part.sum() * ++factor;
  return loss;
}
const std::vector<double> gradient_of_parts = {1, 3, 4, 4, 1, 3, 4, 4};

/// The shapes of what the rows of `select` give.
struct ShapesOfSelect : Observer {
  void on_gradient(const Node& node, int, const Tensor&, const Tensor& outgoing) override {
    if (std::string(node.name()) == "select") shapes.push_back(outgoing.shape());
  }
  std::vector<Shape> shapes;
};

}  // namespace

TEST(PartGradient, IsAddedUp) {
  const Tensor x = arange(8).reshape({2, 4}).to(float64).requires_grad_();
  loss_of_parts(x).backward();
  expect_values(x.grad(), gradient_of_parts);
  loss_of_parts(x).backward();  // what stands in .grad is added to, and not a part of it alone
  expect_values(x.grad(), {2, 6, 8, 8, 2, 6, 8, 8});
}

TEST(PartGradient, OfWhatAnOpMade) {
  const Tensor x = arange(8).reshape({2, 4}).to(float64).requires_grad_();
  loss_of_parts(x * 2.0).backward();
  expect_values(x.grad(), {2, 6, 8, 8, 2, 6, 8, 8});
}

TEST(PartGradient, JoinsOneThatIsNotRowMajor) {
  const Tensor x = arange(6).reshape({2, 3}).to(float64).requires_grad_();
  const Tensor y = x * 1.0;
  const Tensor part = y[1].sum();
  const Tensor factors = arange(6).reshape({3, 2}).to(float64);
  (part + (y.t() * factors).sum()).backward();  // that of y.t() comes first
  expect_values(x.grad(), {0, 2, 4, 2, 4, 6});
}

TEST(PartGradient, WithSteps) {
  const Tensor x = arange(8).reshape({4, 2}).to(float64).requires_grad_();
  const Tensor y = x.t() * 1.0;
  (y.slice(1, 0, 4, 2).sum() + 10.0 * y.slice(1, 1, 4, 2).sum() + y[1].sum()).backward();
  expect_values(x.grad(), {1, 2, 10, 11, 1, 2, 10, 11});
}

TEST(PartGradient, LeavesAGradientAloneThatOthersHold) {
  const Tensor x = zeros({2}, float64).requires_grad_();
  const Tensor last = x.narrow(0, 1, 1);
  const Tensor same = x.view({2});  // the newer: its gradient comes first, and is `start` itself
  const Tensor start = ones({2}, float64);
  const std::vector<Tensor> found =
      grad({same, last}, {x}, {.grad_outputs = {start, tensor({3.0}, float64)}});
  expect_values(found[0], {1, 4});
  expect_values(start, {1, 1});
}

TEST(PartGradient, IsTheSameWhereItIsWatchedAndWhereItIsRecorded) {
  const Tensor x = arange(8).reshape({2, 4}).to(float64).requires_grad_();
  ShapesOfSelect watcher;
  {
    const ObserverGuard guard(watcher);
    loss_of_parts(x).backward();
  }
  expect_values(x.grad(), gradient_of_parts);
  EXPECT_EQ(watcher.shapes, std::vector<Shape>(4, Shape{2, 4}));  // who watches sees zeros and all
  const Tensor recorded = grad({loss_of_parts(x * x)}, {x}, {.create_graph = true})[0];
  expect_values(grad(recorded.sum(), x), {2, 6, 8, 8, 2, 6, 8, 8});
}

TEST(PartGradient, MakesNoZerosAroundAPartButOnce) {
  const Tensor x = zeros({4, 1 << 18}).requires_grad_();
  const Tensor loss = stack({x[0].sum(), x[1].sum(), x[2].sum()}).sum();
  empty_cache();
  loss.backward();
  EXPECT_LT(cached_bytes(), x.numel() * 4);
}

}  // namespace rill::testing
