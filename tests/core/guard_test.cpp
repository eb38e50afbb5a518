#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>

#include <rill/core/autograd.h>
#include <rill/core/observer.h>
#include <rill/core/ops.h>
#include <rill/core/scope.h>

#include "tests/support/expect.h"

// Guards that live on the heap end in any order; errors and recording have to survive that.

namespace rill {
namespace {

struct NamedBlock final : Named {
  explicit NamedBlock(std::string path) : path_(std::move(path)) {}
  std::string path() const override { return path_; }
  const std::string& type_name() const override { return path_; }
  std::string path_;
};

class Counter final : public Observer {
 public:
  void on_begin(const char*) override { ++ops; }
  int ops = 0;
};

TEST(Guards, OfGradientsMayEndInAnyOrder) {
  auto outer = std::make_unique<NoGradGuard>();
  auto inner = std::make_unique<GradModeGuard>(true);
  outer.reset();
  EXPECT_TRUE(is_grad_enabled()) << "the guard that is left says so";
  inner.reset();
  EXPECT_TRUE(is_grad_enabled());

  auto first = std::make_unique<NoGradGuard>();
  auto second = std::make_unique<NoGradGuard>();
  first.reset();
  EXPECT_FALSE(is_grad_enabled());
  second.reset();
  EXPECT_TRUE(is_grad_enabled());
}

TEST(Guards, OfObserversMayEndInAnyOrder) {
  auto outer = std::make_unique<Counter>(), inner = std::make_unique<Counter>();
  auto watching_outer = std::make_unique<ObserverGuard>(*outer);
  auto watching_inner = std::make_unique<ObserverGuard>(*inner);
  watching_outer.reset();
  outer.reset();
  const Tensor x = exp(ones({1}));
  EXPECT_EQ(inner->ops, 1);
  watching_inner.reset();
  EXPECT_FALSE(is_observed());
}

TEST(Guards, OfScopesMayEndInAnyOrder) {
  auto outer = std::make_unique<NamedBlock>("outer"), inner = std::make_unique<NamedBlock>("inner");
  auto in_outer = std::make_unique<Scope>(*outer);
  auto in_inner = std::make_unique<Scope>(*inner);
  in_outer.reset();
  outer.reset();
  EXPECT_EQ(Scope::current_path(), "inner");
  in_inner.reset();
  EXPECT_EQ(Scope::current(), nullptr);
}

/// Runs ops that need threads and room when everything else of the program has ended.
struct LastWord {
  ~LastWord() {
    const Tensor x = ones({64, 64}).requires_grad_();
    layer_norm(matmul(x, x), {64}, ones({64}), ones({64})).sum().backward();
    if (x.grad().numel() != 64 * 64) std::_Exit(1);
  }
};

void end_with_an_op() {
  static const LastWord last_word;
  const Tensor x = ones({64, 64}).requires_grad_();
  layer_norm(matmul(x, x), {64}, ones({64}), ones({64})).sum().backward();
  std::exit(0);
}

TEST(GuardsDeathTest, AnOpInTheDestructorOfAStaticObjectWorks) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(end_with_an_op(), ::testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace rill
