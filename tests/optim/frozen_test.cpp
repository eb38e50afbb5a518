#include <rill/core/ops.h>
#include <rill/optim/adamw.h>
#include <rill/optim/clip_grad.h>
#include <rill/optim/rmsprop.h>
#include <rill/optim/sgd.h>

#include <string>
#include <vector>

#include "tests/support/expect.h"

// An optimizer takes all parameters of a model: those that are frozen wait until they are not.

namespace rill::optim {
namespace {

using testing::expect_error;
using testing::expect_values;

/// backward of Σ a + Σ b, then a step.
void step_down(Optimizer& optimizer, const Tensor& a, const Tensor& b) {
  optimizer.zero_grad();
  (a.sum() + b.sum()).backward();
  optimizer.step();
}

double step_count(const Optimizer& optimizer, const std::string& number) {
  for (const auto& [name, tensor] : optimizer.state_dict())
    if (name == "state." + number + ".step") return tensor.item();
  return -1;
}

bool has_entry(const Optimizer& optimizer, const std::string& wanted) {
  for (const auto& [name, tensor] : optimizer.state_dict())
    if (name == wanted) return true;
  return false;
}

TEST(FrozenParameters, AreTakenAndStay) {
  const Tensor frozen = ones({2}), trained = ones({2}).requires_grad_();
  AdamW optimizer({frozen, trained}, {.lr = 0.1, .weight_decay = 0.5});
  step_down(optimizer, frozen, trained);
  expect_values(frozen, {1, 1});
  EXPECT_LT(trained[0].item(), 1);
  EXPECT_EQ(optimizer.parameters().size(), 2u);
  EXPECT_EQ(step_count(optimizer, "0"), 0);
  EXPECT_FALSE(has_entry(optimizer, "state.0.exp_avg"));
}

TEST(FrozenParameters, AreTrainedFromTheirFirstStepOnOnceTheyAreUnfrozen) {
  const Tensor frozen = ones({1}), trained = ones({1}).requires_grad_();
  AdamW optimizer({frozen, trained}, {.lr = 0.125, .weight_decay = 0});
  for (int i = 0; i < 3; ++i) step_down(optimizer, frozen, trained);
  frozen.requires_grad_();
  step_down(optimizer, frozen, trained);
  EXPECT_NEAR(frozen.item(), 1 - 0.125, 1e-6);  // Adam's first step is lr long
  EXPECT_EQ(step_count(optimizer, "0"), 1);
  EXPECT_EQ(step_count(optimizer, "1"), 4);
}

TEST(FrozenParameters, KeepTheirStateWhereTheyWereFrozenLater) {
  const Tensor part = ones({1}).requires_grad_(), rest = ones({1}).requires_grad_();
  SGD optimizer({part, rest}, {.lr = 1, .momentum = 0.5});
  step_down(optimizer, part, rest);  // buffer 1, part 0
  part.requires_grad_(false);
  step_down(optimizer, part, rest);
  expect_values(part, {0});
  part.requires_grad_();
  step_down(optimizer, part, rest);  // buffer 0.5 + 1
  expect_values(part, {-1.5});
}

TEST(FrozenParameters, StayEvenWithAGradientLeftFromBefore) {
  const Tensor part = ones({1}).requires_grad_(), rest = ones({1}).requires_grad_();
  SGD optimizer({part, rest}, {.lr = 1, .weight_decay = 0.5});
  (part.sum() + rest.sum()).backward();
  part.requires_grad_(false);
  const uint32_t version = part.version();
  optimizer.step();
  expect_values(part, {1});
  EXPECT_EQ(part.version(), version);
  optimizer.zero_grad();
  EXPECT_FALSE(part.grad().defined());
}

TEST(FrozenParameters, MayFillAGroupButNotAll) {
  const Tensor trained = ones({1}).requires_grad_();
  EXPECT_NO_THROW(SGD({{{ones({2}), ones({3})}, {}}, {{trained}, {.lr = 1}}}));
  expect_error<ValueError>(
      [] {
        SGD({ones({2, 3}, float64), ones({1})});
      },
      {"requires a gradient", "of 2 given none", "parameter 0 (float64 [2, 3])",
       "requires_grad_()"});
  expect_error<ValueError>(
      [] {
        SGD({{{ones({2})}, {}}, {{ones({3})}, {}}});
      },
      {"of 2 given none"});
  expect_error<ValueError>([] { AdamW({ones({2})}); }, {"of 1 given none"});
  expect_error<ValueError>([] { RMSprop({ones({2})}); }, {"of 1 given none"});
}

TEST(FrozenParameters, ThatAreAllFrozenLaterMakeAStepThatDoesNothing) {
  const Tensor p = ones({1}).requires_grad_();
  SGD optimizer({p}, {.lr = 1});
  p.sum().backward();
  p.requires_grad_(false);
  EXPECT_NO_THROW(optimizer.step());
  expect_values(p, {1});
}

TEST(FrozenParameters, AreHeldToWhatOthersAre) {
  const Tensor trained = ones({4}).requires_grad_(), frozen = ones({2});
  expect_error<ValueError>([&] { SGD({trained, frozen, frozen}); }, {"parameter 2", "already"});
  expect_error<ValueError>(
      [&] {
        SGD({trained, trained.detach().narrow(0, 1, 2)});
      },
      {"share memory"});
  expect_error<ValueError>([&] { SGD({trained, ones({2, 3}).T()}); }, {"strides"});
}

TEST(FrozenParameters, StandInStatesThatFitAlsoWhereOthersAreFrozen) {
  const auto make = [](bool first, bool second) {
    return std::vector<Tensor>{ones({2}).requires_grad_(first), ones({3}).requires_grad_(second)};
  };
  const std::vector<Tensor> all = make(true, true);
  AdamW saved(all);
  step_down(saved, all[0], all[1]);
  AdamW loaded(make(false, true));
  loaded.load_state_dict(saved.state_dict());
  EXPECT_EQ(step_count(loaded, "0"), 1);
  EXPECT_TRUE(has_entry(loaded, "state.0.exp_avg"));
  AdamW back(make(true, false));
  back.load_state_dict(AdamW(make(false, true)).state_dict());
  EXPECT_EQ(step_count(back, "0"), 0);
}

TEST(FrozenParameters, AreSkippedByClipping) {
  const Tensor frozen = zeros({1}).requires_grad_(), trained = zeros({2}).requires_grad_();
  frozen.set_grad(tensor({1000.0}));
  frozen.requires_grad_(false);
  trained.set_grad(tensor({3.0, 4.0}));
  EXPECT_EQ(clip_grad_norm_({frozen, trained}, 1), 5);
  clip_grad_value_({frozen, trained, ones({2}, int64)}, 0.5);
  expect_values(frozen.grad(), {1000});
  expect_values(trained.grad(), {0.5, 0.5});
}

TEST(ClipGradNorm, NamesAParameterThatIsUndefined) {
  const Tensor p = zeros({2}).requires_grad_();
  expect_error<ValueError>(
      [&] {
        clip_grad_norm_({p, Tensor()}, 1);
      },
      {"clip_grad_norm_", "parameter 1 (undefined)"});
}

}  // namespace
}  // namespace rill::optim
