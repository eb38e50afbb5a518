#include <rill/core/ops.h>
#include <rill/optim/lr_scheduler.h>
#include <rill/optim/sgd.h>

#include <cmath>

#include "tests/support/expect.h"
#include "tests/support/reference.h"

namespace rill::optim {
namespace {

using testing::expect_error;
using testing::ReferenceCase;

/// Expects the rates that PyTorch gives (or the formula, where it has no such schedule).
void expect_rates(const ReferenceCase& c, double lr, const Schedule& schedule) {
  SCOPED_TRACE(c.label());
  SGD optimizer({ones({1}).requires_grad_()}, {.lr = lr});
  LRScheduler scheduler(optimizer, schedule);
  ASSERT_GE(c.rates.size(), 30u);
  for (size_t t = 0; t < c.rates.size(); ++t) {
    EXPECT_NEAR(optimizer.learning_rate(), c.rates[t], 1e-12 * lr) << "at step " << t;
    scheduler.step();
  }
}

std::vector<ReferenceCase> cases(const std::string& op) {
  return testing::reference_cases("optimizers.json", op);
}

TEST(Schedules, StepIsPyTorchs) {
  for (const ReferenceCase& c : cases("StepLR"))
    expect_rates(c, c.args.number("lr"),
                 step_schedule(c.args.integer("step_size"), c.args.number("gamma", 0.1)));
}

TEST(Schedules, MultiStepIsPyTorchs) {
  for (const ReferenceCase& c : cases("MultiStepLR"))
    expect_rates(c, c.args.number("lr"),
                 multi_step_schedule(c.args.integers("milestones"), c.args.number("gamma", 0.1)));
}

TEST(Schedules, ExponentialIsPyTorchs) {
  for (const ReferenceCase& c : cases("ExponentialLR"))
    expect_rates(c, c.args.number("lr"), exponential_schedule(c.args.number("gamma")));
}

TEST(Schedules, CosineIsPyTorchsAndRisesAgain) {
  for (const ReferenceCase& c : cases("CosineAnnealingLR"))
    expect_rates(c, c.args.number("lr"),
                 cosine_schedule(c.args.integer("T_max"), c.args.number("eta_min", 0)));
}

TEST(Schedules, LinearIsPyTorchs) {
  for (const ReferenceCase& c : cases("LinearLR"))
    expect_rates(c, c.args.number("lr"),
                 linear_schedule(c.args.number("start_factor", 1.0 / 3),
                                 c.args.number("end_factor", 1), c.args.integer("total_iters", 5)));
}

TEST(Schedules, OneCycleIsPyTorchs) {
  for (const ReferenceCase& c : cases("OneCycleLR"))
    expect_rates(c, c.args.number("lr"),
                 one_cycle_schedule(c.args.number("max_lr"), c.args.integer("total_steps"),
                                    {.pct_start = c.args.number("pct_start", 0.3),
                                     .div_factor = c.args.number("div_factor", 25),
                                     .final_div_factor = c.args.number("final_div_factor", 1e4)}));
}

TEST(Schedules, OneCycleStaysAtItsEnd) {
  const Schedule schedule = one_cycle_schedule(1, 10, {.div_factor = 2, .final_div_factor = 4});
  EXPECT_DOUBLE_EQ(schedule(9, 7), 0.125);
  EXPECT_DOUBLE_EQ(schedule(10, 7), 0.125);
  EXPECT_DOUBLE_EQ(schedule(1000, 7), 0.125);
}

TEST(Schedules, OneCycleWhoseTopIsItsFirstOrLastStepHasFiniteRates) {
  EXPECT_EQ(one_cycle_schedule(1, 10, {.pct_start = 0.1})(0, 7), 1);
  EXPECT_EQ(one_cycle_schedule(1, 10, {.pct_start = 1})(9, 7), 1);
  EXPECT_EQ(one_cycle_schedule(1, 10, {.pct_start = 1})(10, 7), 1);
  EXPECT_EQ(one_cycle_schedule(1, 1, {.pct_start = 1})(0, 7), 1);
}

TEST(Schedules, LambdaIsPyTorchs) {
  for (const ReferenceCase& c : cases("LambdaLR"))
    expect_rates(c, c.args.number("lr"),
                 lambda_schedule([](int64_t t) { return 1 / (1 + static_cast<double>(t)); }));
}

TEST(Schedules, ASequenceRestartsEachAtItsOwnBeginning) {
  const std::vector<ReferenceCase> both = cases("SequentialLR");
  expect_rates(both[0], 0.1,
               sequential_schedule({linear_schedule(0.1, 1, 5), cosine_schedule(20, 0.001)}, {5}));
  expect_rates(both[1], 0.1,
               sequential_schedule(
                   {step_schedule(3, 0.5), step_schedule(1, 0.8), step_schedule(2, 0.1)}, {7, 15}));
}

TEST(Schedules, WarmupAndCosineIsNanoGpts) {
  for (const ReferenceCase& c : cases("WarmupCosineLR"))
    expect_rates(c, c.args.number("lr"),
                 warmup_cosine_schedule(c.args.integer("warmup"), c.args.integer("decay_steps"),
                                        c.args.number("min_lr")));
}

TEST(Schedules, WarmupThatLastsToTheEndIsFollowedByTheLeastRate) {
  const Schedule schedule = warmup_cosine_schedule(3, 3, 0.25);
  EXPECT_EQ(schedule(2, 8), 6);  // 8 · 3 / 4
  EXPECT_EQ(schedule(3, 8), 0.25);
  EXPECT_EQ(schedule(4, 8), 0.25);
}

TEST(Schedules, NoamIsThePapers) {
  for (const ReferenceCase& c : cases("NoamLR"))
    expect_rates(c, c.args.number("factor"),
                 noam_schedule(c.args.integer("d_model"), c.args.integer("warmup")));
}

TEST(Schedules, RefuseSettingsThatMakeNoSense) {
  expect_error<ValueError>([] { step_schedule(0); }, {"step_size", "0"});
  expect_error<ValueError>([] { cosine_schedule(-1); }, {"t_max", "-1"});
  expect_error<ValueError>([] { warmup_cosine_schedule(10, 5, 0); }, {"10", "5"});
  expect_error<ValueError>([] { sequential_schedule({step_schedule(1)}, {3}); }, {"1 schedules"});
}

TEST(LRScheduler, ScalesEachGroupByItsOwnRate) {
  const Tensor a = ones({1}).requires_grad_();
  const Tensor b = ones({1}).requires_grad_();
  SGD optimizer({{{a}, {.lr = 1}}, {{b}, {.lr = 10}}});
  StepLR scheduler(optimizer, 1, 0.5);
  EXPECT_EQ(scheduler.last_epoch(), 0);
  scheduler.step();
  EXPECT_EQ(optimizer.learning_rate(0), 0.5);
  EXPECT_EQ(optimizer.learning_rate(1), 5);
  EXPECT_EQ(scheduler.get_last_lr(), std::vector<double>({0.5, 5}));
  EXPECT_EQ(scheduler.base_lrs(), std::vector<double>({1, 10}));
  EXPECT_EQ(scheduler.last_epoch(), 1);
}

/// Expects a scheduler made of `arguments` to set the rates that `schedule` gives.
template <class Scheduler, class... Arguments>
void expect_follows(const Schedule& schedule, const Arguments&... arguments) {
  SGD optimizer({ones({1}).requires_grad_()}, {.lr = 2});
  Scheduler scheduler(optimizer, arguments...);
  for (int64_t t = 0; t < 10; ++t, scheduler.step())
    EXPECT_DOUBLE_EQ(optimizer.learning_rate(), schedule(t, 2)) << "at " << t;
}

TEST(LRScheduler, OfEachKindFollowsItsSchedule) {
  expect_follows<StepLR>(step_schedule(3, 0.5), 3, 0.5);
  expect_follows<StepLR>(step_schedule(3, 0.1), 3);
  expect_follows<CosineAnnealingLR>(cosine_schedule(6, 0.25), 6, 0.25);
  expect_follows<LinearLR>(linear_schedule(0.25, 0.5, 4), 0.25, 0.5, 4);
  expect_follows<WarmupCosineLR>(warmup_cosine_schedule(2, 7, 0.125), 2, 7, 0.125);
  expect_follows<NoamLR>(noam_schedule(16, 4), 16, 4);
  const auto halves = [](int64_t t) { return std::pow(0.5, t); };
  expect_follows<LambdaLR>(lambda_schedule(halves), halves);
  expect_follows<OneCycleLR>(one_cycle_schedule(3, 8), 3.0, 8);
  const OneCycleOptions half{.pct_start = 0.5};
  expect_follows<OneCycleLR>(one_cycle_schedule(3, 8, half), 3.0, 8, half);
  const std::vector<Schedule> both{step_schedule(2, 0.5), cosine_schedule(4)};
  const std::vector<int64_t> milestones{5};
  expect_follows<SequentialLR>(sequential_schedule(both, milestones), both, milestones);
}

TEST(LRScheduler, ACosineEndsAtZeroUnlessTold) {
  SGD optimizer({ones({1}).requires_grad_()}, {.lr = 1});
  CosineAnnealingLR scheduler(optimizer, 4);
  for (int i = 0; i < 4; ++i) scheduler.step();
  EXPECT_NEAR(optimizer.learning_rate(), 0, 1e-15);
}

TEST(LRScheduler, GoesOnFromASavedState) {
  SGD first_optimizer({ones({1}).requires_grad_()}, {.lr = 1});
  CosineAnnealingLR first(first_optimizer, 20);
  for (int i = 0; i < 7; ++i) first.step();
  SGD second_optimizer({ones({1}).requires_grad_()}, {.lr = 0.3});
  CosineAnnealingLR second(second_optimizer, 20);
  second.load_state_dict(first.state_dict());
  EXPECT_EQ(second.last_step(), 7);
  EXPECT_EQ(second.last_lr(), first.last_lr());
  expect_error<ValueError>([&] { second.load_state_dict({}); }, {"last_step", "base_lrs"});
  expect_error<ValueError>(
      [&] {
        second.load_state_dict({{"last_step", {}}, {"base_lrs", {}}});
      },
      {"base_lrs"});
}

TEST(LRScheduler, AStateThatItRefusesChangesNothing) {
  SGD optimizer(
      {{{ones({1}).requires_grad_()}, {.lr = 1}}, {{ones({1}).requires_grad_()}, {.lr = 2}}});
  StepLR scheduler(optimizer, 1, 0.5);
  scheduler.step();
  const auto state = [](double step, double second) {
    return StateDict{{"last_step", scalar(step, float64)},
                     {"base_lrs", from_vector<double>({8, second})}};
  };
  expect_error<ValueError>([&] { scheduler.load_state_dict(state(-1, 8)); }, {"last_step", "-1"});
  expect_error<ValueError>([&] { scheduler.load_state_dict(state(0.5, 8)); }, {"last_step", "0.5"});
  expect_error<ValueError>([&] { scheduler.load_state_dict(state(NAN, 8)); }, {"last_step"});
  expect_error<ValueError>([&] { scheduler.load_state_dict(state(3, NAN)); }, {"nan"});
  EXPECT_EQ(scheduler.last_step(), 1);
  EXPECT_EQ(optimizer.learning_rate(0), 0.5);
  EXPECT_EQ(optimizer.learning_rate(1), 1);
  scheduler.step();
  EXPECT_EQ(optimizer.learning_rate(0), 0.25);
}

TEST(LRScheduler, AScheduleThatFailsChangesNothing) {
  SGD optimizer(
      {{{ones({1}).requires_grad_()}, {.lr = 1}}, {{ones({1}).requires_grad_()}, {.lr = 2}}});
  LRScheduler scheduler(optimizer, [](int64_t t, double base) {
    return t > 0 && base == 2 ? NAN : base / static_cast<double>(t + 1);
  });
  expect_error<ValueError>([&] { scheduler.step(); }, {"rate", "nan"});
  EXPECT_EQ(scheduler.last_step(), 0);
  EXPECT_EQ(optimizer.learning_rate(0), 1);
}

// ---- several schedulers of one optimizer ----------------------------------------------------

TEST(LRScheduler, ASecondOneScalesTheRateThatTheOptimizerBeganWith) {
  SGD optimizer({ones({1}).requires_grad_()}, {.lr = 0.1});
  {
    LinearLR warmup(optimizer, 0.1, 1, 9);
    EXPECT_DOUBLE_EQ(optimizer.learning_rate(), 0.01);
  }
  LinearLR again(optimizer, 0.1, 1, 9);
  EXPECT_DOUBLE_EQ(optimizer.learning_rate(), 0.01);
  for (int t = 0; t < 9; ++t) again.step();
  EXPECT_DOUBLE_EQ(optimizer.learning_rate(), 0.1);
}

TEST(LRScheduler, OneMadeAfterLoadingScalesTheRateThatTheSavedOptimizerBeganWith) {
  SGD first({ones({1}).requires_grad_()}, {.lr = 0.1});
  StepLR schedule(first, 1, 0.5);
  schedule.step();
  SGD second({ones({1}).requires_grad_()}, {.lr = 7});
  second.load_state_dict(first.state_dict());
  EXPECT_DOUBLE_EQ(second.learning_rate(), 0.05);
  StepLR resumed(second, 1, 0.5);
  EXPECT_DOUBLE_EQ(second.learning_rate(), 0.1);
  resumed.load_state_dict(schedule.state_dict());
  EXPECT_DOUBLE_EQ(second.learning_rate(), 0.05);
}

TEST(LRScheduler, ARateSetBeforeTheFirstOneIsTheOneToScale) {
  SGD optimizer({ones({1}).requires_grad_()}, {.lr = 0.1});
  optimizer.set_learning_rate(0.4);
  StepLR schedule(optimizer, 1, 0.5);
  schedule.step();
  EXPECT_DOUBLE_EQ(optimizer.learning_rate(), 0.2);
}

TEST(LRScheduler, OfTwoAtOnceTheEarlierIsRefused) {
  SGD optimizer({ones({1}).requires_grad_()}, {.lr = 1});
  StepLR earlier(optimizer, 1, 0.5);
  const StateDict saved = earlier.state_dict();
  StepLR later(optimizer, 1, 0.1);
  expect_error<ValueError>([&] { earlier.step(); }, {"another scheduler", "SequentialLR"});
  expect_error<ValueError>([&] { earlier.load_state_dict(saved); }, {"another scheduler"});
  EXPECT_EQ(optimizer.learning_rate(), 1);
  EXPECT_EQ(earlier.last_step(), 0);
  later.step();
  EXPECT_DOUBLE_EQ(optimizer.learning_rate(), 0.1);
}

TEST(LRScheduler, OneWhoseScheduleFailsAtOnceLeavesTheOptimizerToTheEarlier) {
  SGD optimizer({ones({1}).requires_grad_()}, {.lr = 1});
  StepLR earlier(optimizer, 1, 0.5);
  EXPECT_THROW(LRScheduler(optimizer, [](int64_t, double) { return NAN; }), ValueError);
  earlier.step();
  EXPECT_EQ(optimizer.learning_rate(), 0.5);
}

}  // namespace
}  // namespace rill::optim
