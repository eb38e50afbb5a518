#include <rill/core/autograd.h>
#include <rill/core/inspect/explain.h>
#include <rill/core/ops.h>

#include <algorithm>

#include "tests/support/expect.h"

namespace rill::inspect {
namespace {

void expect_lines(const std::string& text, const std::vector<std::string>& lines) {
  for (const std::string& line : lines)
    EXPECT_NE(text.find(line), std::string::npos) << line << " is not in:\n" << text;
}

TEST(Explain, TellsTheChainRuleOfAScalarInNumbers) {
  const Tensor w = scalar(0.5).requires_grad_();
  const Tensor loss = exp(w * 3.0);  // d/dw = 3 e^1.5 = 13.4451

  const std::string text = explain(loss, w, {.name = "w"});

  expect_lines(text,
               {"comes to w: over 2 ops, on 1 path", "the gradient of the loss by itself is 1",
                "exp: dout · out = 1 × 4.48169  →  4.48169, to mul",
                "mul: dout · b = 4.48169 × 3  →  13.4451, to w", "w gets 13.4451"});
}

TEST(Explain, ShowsTheSummandsWherePathsJoin) {
  const Tensor x = scalar(2).requires_grad_();
  const Tensor square = x * x;
  const Tensor power = exp(x);
  const Tensor loss = square * 5.0 + power;  // its derivative 20 + e²

  const std::string text = explain(loss, x, {.name = "x"});

  expect_lines(text, {"on 3 paths", "7.38906 + 10 + 10  =  27.3891: 3 summands join at x"});
}

TEST(Explain, TellsTheSizeOfTensors) {
  const Tensor x = tensor({{1.0, 2.0}, {3.0, 4.0}});
  const Tensor w = tensor({{0.5}, {-1.0}}).requires_grad_();
  const Tensor loss = matmul(x, w).pow(2).sum();  // gradient (-18, -26), its norm 31.62

  expect_lines(explain(loss, w, {.name = "w"}),
               {"matmul [2, 1]: aᵀ · dout", "→  |g| 31.62, to w", "w gets |g| 31.62"});
}

TEST(Explain, KeepsTheGraphForBackward) {
  const Tensor w = scalar(1).requires_grad_();
  const Tensor loss = w * 2.0;
  static_cast<void>(explain(loss, w));

  loss.backward();

  EXPECT_EQ(w.grad().item(), 2);
}

TEST(Explain, AfterBackwardSaysThatItWantsToComeBefore) {
  const Tensor w = scalar(0.5).requires_grad_();
  const Tensor loss = exp(w * 3.0);
  loss.backward();

  testing::expect_error<AutogradError>([&] { static_cast<void>(explain(loss, w)); },
                                       {"explain", "before loss.backward()", "retain_graph"});
}

TEST(Explain, FoldsAGraphOfThousandsOfOpsToAPage) {
  const Tensor w = scalar(1).requires_grad_();
  Tensor h = w;
  for (int i = 0; i < 300; ++i) {
    Tensor branch = h;
    for (int j = 0; j < 9; ++j) branch = tanh(branch);
    h = h + branch;
  }

  const std::string text = explain(h, w);

  EXPECT_LT(std::ranges::count(text, '\n'), 70);
  expect_lines(text, {"over 3000 ops, on 2.037e+90 paths", "9 ops side by side: tanh × 9",
                      "more steps of that kind"});
}

TEST(Explain, OfADeepChainNeedsNoRecursion) {
  const Tensor w = scalar(1).requires_grad_();
  Tensor h = w;
  for (int i = 0; i < 20000; ++i) h = h * 1.0;

  EXPECT_LT(std::ranges::count(explain(h, w), '\n'), 70);
}

TEST(Explain, RefusesAParameterThatTheLossDoesNotDependOn) {
  const Tensor w = scalar(1).requires_grad_(), other = scalar(1).requires_grad_();

  testing::expect_error<AutogradError>([&] { static_cast<void>(explain(w * 2.0, other)); },
                                       {"do not depend on input 0"});
}

}  // namespace
}  // namespace rill::inspect
