#include <gtest/gtest.h>

#include <limits>
#include <memory>

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
  const std::string& type_name() const override { return type; }
  const std::string type = "Attention";
};

TEST(AnomalyGuard, NamesTheOpWhoseOutputIsTheFirstOfNoNumber) {
  const AnomalyGuard guard;
  const Tensor x = tensor({{1.0, 2.0}, {-1.0, 4.0}});
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
  const Tensor x = tensor({4.0, 0.0}).requires_grad_();
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
  const Tensor x = tensor({0.0}).requires_grad_();
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

TEST(AnomalyGuard, LetsAnOpPassOnAnInfinityThatItWasGiven) {
  const Tensor scores = tensor({{1.0, 2.0}, {3.0, 4.0}}).requires_grad_();
  const Tensor mask = tensor({{0, -inf}, {0, 0}});
  const AnomalyGuard guard;
  const Tensor masked = scores + mask;
  testing::expect_values(softmax(masked, -1).select(0, 0), {1, 0});
  EXPECT_EQ(split(mask, 1)[0].max().item(), 0);
  EXPECT_EQ(chunk(mask, 2, 1)[1].min().item(), -inf);
  EXPECT_EQ(sort(mask).values[0][0].item(), -inf);
  EXPECT_EQ(topk(mask, 2).values[0][1].item(), -inf);
  EXPECT_EQ(cumsum(mask, 1)[0][1].item(), -inf);
  EXPECT_EQ((mask * 2).to(float64).sum().item(), -inf);
  EXPECT_EQ(max(mask, -1).values[0].item(), 0);
  EXPECT_EQ(zeros({2, 2}).copy_(mask).add_(1).min().item(), -inf);
  EXPECT_EQ(zeros({2}).fill_(-inf)[0].item(), -inf);
  EXPECT_EQ(where(eq(mask, 0), mask, -inf * ones({})).min().item(), -inf);
  softmax(masked, -1).select(1, 0).sum().backward();
  const NoGradGuard no_grad;
  EXPECT_EQ((scores + mask).min().item(), -inf);
}

TEST(AnomalyGuard, FindsAnInfinityThatIsBornBesideAMask) {
  const Tensor mask = tensor({0, -inf});
  const AnomalyGuard guard;
  const Tensor huge = full({2}, 3e38);
  expect_error<Error>([&] { return huge * 10 + mask; }, {"mul: ", "inf", "[0]"});
  expect_error<Error>([&] { return mask - mask; }, {"sub: ", "nan", "[1]"});
  expect_error<Error>([&] { return mask * 0; }, {"mul: ", "nan", "[1]"});
  expect_error<Error>([&] { huge.mul_(10); }, {"mul_: ", "inf"});
}

TEST(AnomalyGuard, FindsANaNBehindAnInfinityThatWasPassedOn) {
  const Tensor mask = tensor({-inf, 0}), x = tensor({0.0, -1.0});
  const AnomalyGuard guard({.infinities = true});
  expect_error<Error>([&] { return pow(x + 1 + mask, 0.5); }, {"pow: ", "nan", "[0]"});
}

TEST(AnomalyGuard, NamesTheIndexOfATransposedOutput) {
  const Tensor x = tensor({{1, 2, 3}, {4, std::numeric_limits<double>::quiet_NaN(), 6}});
  const AnomalyGuard guard;
  expect_error<Error>([&] { return x.T(); }, {"transpose: ", "[3, 2]", "[1, 1]"});
  expect_error<Error>([&] { return x.T().slice(1, 0, 2); }, {"[1, 1]"});
}

std::unique_ptr<AnomalyGuard> begun_in_a_row;

Tensor begin_a_guard_in_backward(const Tensor& x) {
  Op op("begin_a_guard_in_backward");
  return op.record(x.detach().clone(), row(x, "dout", [](const Tensor& dout) {
                     begun_in_a_row = std::make_unique<AnomalyGuard>();
                     return dout;
                   }));
}

/// |x|, by a row that divides by 0 and then does without what that gave.
Tensor careless_abs(const Tensor& x) {
  Op op("careless_abs");
  return op.record(abs(x.detach()), row(x, "dout · |x| / x", keep(constant(x)),
                                        [](const Tensor& dout, const Tensor& x) {
                                          const Tensor sign = 1 / x * abs(x);
                                          return dout * masked_fill(sign, isnan(sign), 0);
                                        }));
}

TEST(AnomalyGuard, BegunInsideANodeLooksAtLaterBackwardsAsEver) {
  const Tensor x = tensor({0.0, 2.0}).requires_grad_();
  begin_a_guard_in_backward(x).sum().backward();
  const std::unique_ptr<AnomalyGuard> guard = std::move(begun_in_a_row);
  ASSERT_NE(guard, nullptr);
  careless_abs(x).sum().backward();
  expect_error<Error>([&] { sqrt(x).sum().backward(); }, {"sqrt: ", "inf"});
}

TEST(AnomalyGuard, PrintsANaNWithoutASign) {
  const AnomalyGuard guard;
  const std::string message = testing::message_of<Error>([] { return log(full({1}, -1)) * -1; });
  EXPECT_NE(message.find("holds nan"), std::string::npos) << message;
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
