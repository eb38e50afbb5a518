#include <rill/core/ops.h>
#include <rill/core/random.h>
#include <rill/nn/attention.h>
#include <rill/nn/linear.h>
#include <rill/nn/module_list.h>

#include <limits>

#include "tests/nn/audit_of.h"

namespace rill::nn {
namespace {

/// So many layers of a linear and a function.
class Stack final : public Layer<Stack> {
 public:
  Stack(int64_t depth, double std, Step function, bool has_residual)
      : layers(register_module("layers",
                               ModuleList<Linear>(depth, [](int64_t) { return Linear(16, 16); }))),
        function_(std::move(function)),
        has_residual_(has_residual) {
    const NoGradGuard no_grad;
    for (const Linear& layer : layers)
      if (std > 0) layer.weight.normal_(0, std);
  }
  Tensor forward(const Tensor& x) const {
    Tensor h = x;
    for (const Linear& layer : layers)
      h = has_residual_ ? h + function_(layer(h)) : function_(layer(h));
    return h;
  }
  const ModuleList<Linear> layers;

 private:
  const Step function_;
  const bool has_residual_;
};

GradientAudit audit_of_stack(int64_t depth, double std, const Step& function,
                             bool has_residual = false) {
  manual_seed(2);
  const Stack stack(depth, std, function, has_residual);
  const Tensor x = randn({8, 16});
  return audit_of(stack, [&] { return stack(x).pow(2).sum(); });
}

TEST(GradientAudit, NamesVanishingInADeepStackOfSigmoids) {
  const GradientFinding found =
      only(audit_of_stack(12, 0, [](const Tensor& h) { return h.sigmoid(); }));

  EXPECT_EQ(found.fault, GradientFault::vanishing);
  EXPECT_EQ(found.op, "sigmoid");
  EXPECT_EQ(found.module, "layers.0");
  EXPECT_EQ(found.parameters, (std::vector<std::string>{"layers.0.weight", "layers.0.bias"}));
  expect_words(found, {"gradients vanish", "layers.11", "layers.0", "most by `sigmoid`"});
}

TEST(GradientAudit, NamesAMissingResidualConnection) {
  const auto tanh_of = [](const Tensor& h) { return h.tanh(); };
  const GradientFinding found = only(audit_of_stack(20, 0.1, tanh_of));

  EXPECT_EQ(found.fault, GradientFault::vanishing);
  EXPECT_EQ(found.op, "linear");
  EXPECT_EQ(found.module, "layers.0");
  expect_words(found, {"Give the layers a residual connection, x + f(x)"});
  EXPECT_TRUE(audit_of_stack(20, 0.1, tanh_of, true).is_well());
}

TEST(GradientAudit, NamesExplosionWithoutNormalisation) {
  const GradientFinding found =
      only(audit_of_stack(8, 1.5, [](const Tensor& h) { return h.relu(); }));

  EXPECT_EQ(found.fault, GradientFault::exploding);
  EXPECT_EQ(found.op, "linear");
  EXPECT_EQ(found.module, "layers.0");
  expect_words(found, {"gradients explode", "LayerNorm"});
}

/// Heads side by side.
class Heads final : public Layer<Heads> {
 public:
  explicit Heads(Step third)
      : heads(
            register_module("heads", ModuleList<Linear>(4, [](int64_t) { return Linear(6, 2); }))),
        third_(std::move(third)) {}
  Tensor forward(const Tensor& x) const {
    std::vector<Tensor> out;
    for (int64_t i = 0; i < 4; ++i) out.push_back(i == 2 ? third_(heads[i](x)) : heads[i](x));
    return cat(out, -1);
  }
  const ModuleList<Linear> heads;

 private:
  const Step third_;
};

TEST(GradientAudit, NamesTheHeadThatHoldsNaN) {
  manual_seed(1);
  const Heads heads([](const Tensor& h) { return h; });
  {
    const NoGradGuard no_grad;
    heads.heads[2].weight.fill_(std::numeric_limits<double>::infinity());
  }
  const Tensor x = ones({3, 6}) - 2.0 * tensor({0.0, 1.0, 0.0, 1.0, 0.0, 1.0});
  const GradientFinding found = only(audit_of(heads, [&] { return heads(x).sum(); }));

  EXPECT_EQ(found.fault, GradientFault::not_finite);
  EXPECT_EQ(found.op, "linear");
  EXPECT_EQ(found.module, "heads.2");
  expect_words(found, {"the first NaN of forward is made by `linear` in heads.2"});
}

TEST(GradientAudit, SaysInWhichPartOfATensorNaNWasBorn) {
  manual_seed(1);
  const MultiheadAttention attention(8, 4);
  {
    const NoGradGuard no_grad;
    attention.in_proj_weight.narrow(0, 4, 2).fill_(std::numeric_limits<double>::quiet_NaN());
  }
  const Tensor x = randn({1, 3, 8});
  const GradientFinding found =
      only(audit_of(attention, [&] { return attention(x, x, x).output.sum(); }));

  EXPECT_EQ(found.fault, GradientFault::not_finite);
  expect_words(found, {"in_proj_weight holds NaN at [4:6, :]", "before any op has run"});
}

}  // namespace
}  // namespace rill::nn
