#include <rill/optim/adam.h>
#include <rill/optim/adamw.h>
#include <rill/optim/clip_grad.h>
#include <rill/optim/lr_scheduler.h>
#include <rill/optim/reduce_lr_on_plateau.h>
#include <rill/optim/rmsprop.h>
#include <rill/optim/sgd.h>

#include <array>
#include <concepts>
#include <functional>
#include <limits>
#include <string>
#include <type_traits>
#include <vector>

#include "tests/support/expect.h"

// Every number among the options of optimizers and schedules: what cannot be right is refused by
// name, at once; what can is taken.

namespace rill::optim {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double inf = std::numeric_limits<double>::infinity();

struct Option {
  std::string name;  // stands in the error
  std::function<void(double)> use;
  std::vector<double> wrong, right;
};

void expect_checked(const std::vector<Option>& options) {
  for (const Option& option : options) {
    SCOPED_TRACE(option.name);
    for (const double value : option.wrong) {
      SCOPED_TRACE(value);
      testing::expect_error<ValueError>([&] { option.use(value); }, {option.name});
    }
    for (const double value : option.right) EXPECT_NO_THROW(option.use(value)) << value;
  }
}

const std::vector<double> not_rates{nan, inf, -inf, -1};
const std::vector<double> not_decays{nan, inf, -0.1, 1, 1.5};
const std::vector<double> not_eps{nan, inf, -1, 0, 1e-50};
const std::vector<double> not_counts{0, -1};

std::vector<Tensor> leaf() { return {ones({1}).requires_grad_()}; }

TEST(OptimizerOptions, AreCheckedByTheConstructor) {
  expect_checked({
      {"SGD: lr", [](double v) { SGD(leaf(), {.lr = v}); }, not_rates, {0, 1}},
      {"SGD: momentum", [](double v) { SGD(leaf(), {.momentum = v}); }, not_rates, {0, 0.9}},
      {"SGD: dampening", [](double v) { SGD(leaf(), {.dampening = v}); }, {nan, inf}, {-1, 0.5}},
      {"SGD: weight_decay", [](double v) { SGD(leaf(), {.weight_decay = v}); }, not_rates, {0.1}},
      {"Adam: lr", [](double v) { Adam(leaf(), {.lr = v}); }, not_rates, {0, 1}},
      {"Adam: beta1",
       [](double v) {
         Adam(leaf(), {.betas = {v, 0.999}});
       },
       not_decays,
       {0, 0.9}},
      {"Adam: beta2",
       [](double v) {
         Adam(leaf(), {.betas = {0.9, v}});
       },
       not_decays,
       {0, 0.9}},
      {"Adam: eps", [](double v) { Adam(leaf(), {.eps = v}); }, not_eps, {1e-8, 1e-30}},
      {"Adam: weight_decay", [](double v) { Adam(leaf(), {.weight_decay = v}); }, not_rates, {0.1}},
      {"AdamW: lr", [](double v) { AdamW(leaf(), {.lr = v}); }, not_rates, {0, 1}},
      {"AdamW: beta1",
       [](double v) {
         AdamW(leaf(), {.betas = {v, 0.999}});
       },
       not_decays,
       {0, 0.9}},
      {"AdamW: beta2",
       [](double v) {
         AdamW(leaf(), {.betas = {0.9, v}});
       },
       not_decays,
       {0, 0.9}},
      {"AdamW: eps", [](double v) { AdamW(leaf(), {.eps = v}); }, not_eps, {1e-8}},
      {"AdamW: weight_decay",
       [](double v) { AdamW(leaf(), {.weight_decay = v}); },
       not_rates,
       {0.1}},
      {"RMSprop: lr", [](double v) { RMSprop(leaf(), {.lr = v}); }, not_rates, {0, 1}},
      {"RMSprop: alpha", [](double v) { RMSprop(leaf(), {.alpha = v}); }, not_decays, {0, 0.9}},
      {"RMSprop: eps", [](double v) { RMSprop(leaf(), {.eps = v}); }, not_eps, {1e-8, 1e-30}},
      {"RMSprop: weight_decay",
       [](double v) { RMSprop(leaf(), {.weight_decay = v}); },
       not_rates,
       {0.1}},
      {"RMSprop: momentum", [](double v) { RMSprop(leaf(), {.momentum = v}); }, not_rates, {0, 1}},
      {"max_norm", [](double v) { clip_grad_norm_(leaf(), v); }, {nan, -1}, {0, 1, inf}},
      {"norm_type",
       [](double v) { clip_grad_norm_(leaf(), 1, {.norm_type = v}); },
       {nan, 0, -1},
       {1, 3, inf}},
      {"bound", [](double v) { clip_grad_value_(leaf(), v); }, {nan, -1}, {0, 1}},
      {"rate", [](double v) { SGD(leaf()).set_learning_rate(v); }, not_rates, {0, 1}},
  });
}

/// Of its only group, in their order.
std::vector<double> options_of(const Optimizer& optimizer) {
  std::vector<double> options;
  for (const NamedTensor& entry : optimizer.state_dict())
    if (entry.name.starts_with("param_groups.0.") && entry.tensor.dims() == 0)
      options.push_back(entry.tensor.item());
  return options;
}

TEST(OptimizerOptions, AreTakenByPosition) {
  const std::vector<Tensor> p{zeros(2).requires_grad_()};
  const auto expect_same = [](const Optimizer& found, const Optimizer& expected) {
    EXPECT_EQ(options_of(found), options_of(expected));
  };
  expect_same(SGD(p, 1), SGD(p, {.lr = 1}));
  expect_same(SGD(p, 0.1, 0.9), SGD(p, {.lr = 0.1, .momentum = 0.9}));
  expect_same(SGD(p, 0.1, 0.9, 0, 1e-4, true),
              SGD(p, {.lr = 0.1, .momentum = 0.9, .weight_decay = 1e-4, .nesterov = true}));
  expect_same(SGD(p, 0.1, 0.9, 0.5), SGD(p, {.lr = 0.1, .momentum = 0.9, .dampening = 0.5}));
  const std::array<double, 2> betas{0.8, 0.95};
  expect_same(Adam(p, 1), Adam(p, {.lr = 1}));
  expect_same(
      Adam(p, 0.1, {0.8, 0.95}, 1e-6, 0.5, true),
      Adam(p, {.lr = 0.1, .betas = betas, .eps = 1e-6, .weight_decay = 0.5, .amsgrad = true}));
  expect_same(AdamW(p, 1), AdamW(p, {.lr = 1}));
  expect_same(
      AdamW(p, 0.1, {0.8, 0.95}, 1e-6, 0.5, true),
      AdamW(p, {.lr = 0.1, .betas = betas, .eps = 1e-6, .weight_decay = 0.5, .amsgrad = true}));
  expect_same(RMSprop(p, 1), RMSprop(p, {.lr = 1}));
  expect_same(RMSprop(p, 0.1, 0.9, 1e-6, 0.5, 0.25, true), RMSprop(p, {.lr = 0.1,
                                                                       .alpha = 0.9,
                                                                       .eps = 1e-6,
                                                                       .weight_decay = 0.5,
                                                                       .momentum = 0.25,
                                                                       .centered = true}));
}

template <class... Arguments>
concept MakesAnOptimizer =
    std::is_constructible_v<SGD, Arguments...> || std::is_constructible_v<Adam, Arguments...> ||
    std::is_constructible_v<AdamW, Arguments...> || std::is_constructible_v<RMSprop, Arguments...>;
template <class Rate, class Group>
concept SetsARate = requires(Optimizer& optimizer, Rate rate, Group group) {
  optimizer.set_learning_rate(rate, group);
};

TEST(OptimizerOptions, AreNotTakenForOthers) {
  using Parameters = std::vector<Tensor>;
  static_assert(MakesAnOptimizer<Parameters, int> && MakesAnOptimizer<Parameters, float>);
  static_assert(!MakesAnOptimizer<Parameters, bool> && !MakesAnOptimizer<Tensor, double>);
  static_assert(SetsARate<int, double> && !SetsARate<double, int>);
}

TEST(ScheduleOptions, AreCheckedWhereTheScheduleIsMade) {
  const auto count = [](double v) { return static_cast<int64_t>(v); };
  expect_checked({
      {"step_size", [&](double v) { step_schedule(count(v)); }, not_counts, {1}},
      {"gamma", [](double v) { step_schedule(1, v); }, not_rates, {0, 0.1}},
      {"gamma", [](double v) { multi_step_schedule({1}, v); }, not_rates, {0, 0.1}},
      {"gamma", [](double v) { exponential_schedule(v); }, not_rates, {0, 0.1}},
      {"t_max", [&](double v) { cosine_schedule(count(v)); }, not_counts, {1}},
      {"eta_min", [](double v) { cosine_schedule(1, v); }, not_rates, {0, 0.1}},
      {"start_factor", [](double v) { linear_schedule(v); }, {nan, inf, -1, 0, 1.1}, {0.1, 1}},
      {"end_factor", [](double v) { linear_schedule(1, v); }, {nan, inf, -1, 5}, {0, 1}},
      {"total_iters", [&](double v) { linear_schedule(1, 1, count(v)); }, not_counts, {1}},
      {"warmup", [&](double v) { warmup_cosine_schedule(count(v), 5, 0); }, {-1, 6}, {0, 5}},
      {"min_lr", [](double v) { warmup_cosine_schedule(1, 5, v); }, not_rates, {0, 0.1}},
      {"max_lr", [](double v) { one_cycle_schedule(v, 5); }, not_rates, {0, 0.1}},
      {"total_steps", [&](double v) { one_cycle_schedule(1, count(v)); }, not_counts, {1}},
      {"pct_start",
       [](double v) { one_cycle_schedule(1, 5, {.pct_start = v}); },
       {nan, -0.1, 1.1},
       {0, 1}},
      {"div_factor",
       [](double v) { one_cycle_schedule(1, 5, {.div_factor = v}); },
       {nan, inf, 0, -1},
       {0.5, 10}},
      {"final_div_factor",
       [](double v) { one_cycle_schedule(1, 5, {.final_div_factor = v}); },
       {nan, inf, 0, -1},
       {0.5, 10}},
      {"d_model", [&](double v) { noam_schedule(count(v), 1); }, not_counts, {1}},
      {"warmup_iters", [&](double v) { noam_schedule(1, count(v)); }, not_counts, {1}},
      {"milestone",
       [&](double v) {
         sequential_schedule({step_schedule(1), step_schedule(1)}, {count(v)});
       },
       {-1},
       {0, 5}},
  });
  testing::expect_error<ValueError>(
      [] {
        sequential_schedule({step_schedule(1), nullptr}, {5});
      },
      {"empty"});
  testing::expect_error<ValueError>([] { multi_step_schedule({5, 3}); }, {"rising"});
  SGD optimizer(leaf());
  testing::expect_error<ValueError>([&] { LRScheduler(optimizer, nullptr); }, {"empty"});
  testing::expect_error<ValueError>([] { lambda_schedule(nullptr); }, {"lambda", "empty"});
}

TEST(PlateauOptions, AreCheckedByTheConstructor) {
  const auto count = [](double v) { return static_cast<int64_t>(v); };
  SGD optimizer(leaf());
  const auto make = [&](const ReduceLROnPlateauOptions& options) {
    const ReduceLROnPlateau scheduler(optimizer, options);
  };
  expect_checked({
      {"factor", [&](double v) { make({.factor = v}); }, not_decays, {0, 0.5}},
      {"patience", [&](double v) { make({.patience = count(v)}); }, {-1}, {0, 5}},
      {"threshold", [&](double v) { make({.threshold = v}); }, not_rates, {0, 0.1, 2}},
      {"cooldown", [&](double v) { make({.cooldown = count(v)}); }, {-1}, {0, 5}},
      {"min_lr", [&](double v) { make({.min_lr = v}); }, not_rates, {0, 0.1}},
      {"ReduceLROnPlateau: eps", [&](double v) { make({.eps = v}); }, not_rates, {0, 0.1}},
  });
}

}  // namespace
}  // namespace rill::optim
