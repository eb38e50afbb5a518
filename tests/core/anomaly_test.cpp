#include <gtest/gtest.h>

#include <limits>

#include <rill/core/autograd.h>
#include <rill/core/inspect/anomaly.h>
#include <rill/core/ops.h>
#include <rill/core/scope.h>

#include "tests/support/expect.h"

namespace rill {
namespace {

using testing::expect_error;

constexpr double inf = std::numeric_limits<double>::infinity();

struct NamedBlock final : Named {
  std::string path() const override { return "blocks.0.attn"; }
};

TEST(AnomalyGuard, NamesTheOpWhoseOutputIsTheFirstOfNoNumber) {
  const AnomalyGuard guard;
  const Tensor x = tensor({{1, 2}, {-1, 4}});
  expect_error<Error>([&] { exp(log(x) * 2); }, {"log: ", "[2, 2]", "nan", "[1, 0]"});
}

TEST(AnomalyGuard, NamesTheModuleThatRanTheOp) {
  const AnomalyGuard guard;
  const NamedBlock block;
  const Scope scope(block);
  expect_error<Error>([] { log(zeros({1})); }, {"blocks.0.attn: log: ", "-inf"});
}

TEST(AnomalyGuard, SeesOpsThatAreNotRecorded) {
  const AnomalyGuard guard;
  const NoGradGuard no_grad;
  expect_error<Error>([] { log(zeros({1})); }, {"log: "});
}

TEST(AnomalyGuard, NamesTheOpInWhoseBackwardAGradientTurnsInfinite) {
  const Tensor x = tensor({4, 0}).requires_grad_();
  const AnomalyGuard guard;
  Tensor loss;
  {
    const NamedBlock block;
    const Scope scope(block);
    loss = sqrt(x).sum();
  }
  expect_error<Error>([&] { (loss * 2).backward(); },
                      {"blocks.0.attn: sqrt: ", "gradient", "input 0", "inf", "[1]"});
}

TEST(AnomalyGuard, NamesAFusedOpToo) {
  const Tensor x = ones({1, 3}).requires_grad_();
  const Tensor out = layer_norm(x, {3}, {}, {}, 0);  // divides by a deviation of 0
  const AnomalyGuard guard;
  expect_error<Error>([&] { out.backward(ones({1, 3})); }, {"layer_norm: ", "gradient", "input 0"});
}

TEST(AnomalyGuard, LeavesTheEngineUsable) {
  const Tensor x = tensor({0}).requires_grad_();
  const AnomalyGuard guard;
  expect_error<Error>([&] { sqrt(x).backward(); }, {"sqrt: "});
  expect_error<Error>([&] { log(x.detach()); }, {"log: "});
  (x * 3).backward();
  EXPECT_EQ(x.grad().item(), 3);
}

TEST(AnomalyGuard, LetsMasksOfMinusInfinityPass) {
  const AnomalyGuard guard;
  const Tensor scores = masked_fill(zeros({2, 2}), eq(eye(2), 0), -inf);
  testing::expect_values(softmax(scores.T(), -1), {1, 0, 0, 1});
}

TEST(AnomalyGuard, LetsInfinitiesPassWhereToldSo) {
  const AnomalyGuard guard({.infinities = false});
  EXPECT_EQ(log(zeros({1})).item(), -inf);
  expect_error<Error>([] { log(full({1}, -1)); }, {"log: ", "nan"});
}

TEST(AnomalyGuard, LooksAtNothingOnceItIsGone) {
  { const AnomalyGuard guard; }
  EXPECT_EQ(log(zeros({1})).item(), -inf);
}

}  // namespace
}  // namespace rill
