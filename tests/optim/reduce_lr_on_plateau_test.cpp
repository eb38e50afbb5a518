#include <rill/optim/lr_scheduler.h>
#include <rill/optim/reduce_lr_on_plateau.h>
#include <rill/optim/sgd.h>

#include <cmath>
#include <vector>

#include "tests/support/expect.h"
#include "tests/support/reference.h"

namespace rill::optim {
namespace {

using testing::expect_error;

Tensor leaf() { return ones({1}).requires_grad_(); }

ReduceLROnPlateauOptions options_of(const testing::ReferenceArgs& args) {
  return {.mode = args.text("mode", "min") == "max" ? PlateauMode::max : PlateauMode::min,
          .factor = args.number("factor", 0.1),
          .patience = args.integer("patience", 10),
          .threshold = args.number("threshold", 1e-4),
          .cooldown = args.integer("cooldown", 0),
          .min_lr = args.number("min_lr", 0),
          .eps = args.number("eps", 1e-8)};
}

TEST(ReduceLROnPlateau, IsPyTorchs) {
  for (const auto& c : testing::reference_cases("optimizers.json", "ReduceLROnPlateau")) {
    SCOPED_TRACE(c.label());
    SGD optimizer({leaf()}, {.lr = c.args.number("lr")});
    ReduceLROnPlateau scheduler(optimizer, options_of(c.args));
    const std::vector<double> metrics = c.args.numbers("metrics");
    ASSERT_EQ(metrics.size(), c.rates.size());
    for (size_t t = 0; t < metrics.size(); ++t) {
      EXPECT_NEAR(scheduler.last_lr(), c.rates[t], 1e-15) << "at step " << t;
      scheduler.step(metrics[t]);
    }
  }
}

TEST(ReduceLROnPlateau, ReducesTheRateOfEachGroup) {
  SGD optimizer({{{leaf()}, {.lr = 1}}, {{leaf()}, {.lr = 0.1}}});
  ReduceLROnPlateau scheduler(optimizer, {.factor = 0.5, .patience = 0, .min_lr = 0.08});
  for (int i = 0; i < 2; ++i) scheduler.step(3);
  EXPECT_EQ(scheduler.last_lr(0), 0.5);
  EXPECT_EQ(scheduler.last_lr(1), 0.08);
  EXPECT_EQ(scheduler.get_last_lr(), std::vector<double>({0.5, 0.08}));
}

TEST(ReduceLROnPlateau, CountsANaNAsBadAlsoAtTheBeginning) {
  SGD optimizer({leaf()}, {.lr = 1});
  ReduceLROnPlateau scheduler(optimizer, {.factor = 0.5, .patience = 1});
  scheduler.step(NAN);
  EXPECT_EQ(scheduler.num_bad_epochs(), 1);
  EXPECT_EQ(scheduler.best(), INFINITY);
  scheduler.step(NAN);
  EXPECT_EQ(scheduler.last_lr(), 0.5);
  scheduler.step(2);
  EXPECT_EQ(scheduler.best(), 2);
}

TEST(ReduceLROnPlateau, TakesStringsNumbersByPositionAndTensors) {
  SGD optimizer({leaf()}, {.lr = 1});
  ReduceLROnPlateau scheduler(optimizer, "max", 0.25, 0, 0.1);
  scheduler.step(tensor(3.0));
  EXPECT_EQ(scheduler.best(), 3);
  scheduler.step(tensor(3.2));
  EXPECT_EQ(scheduler.last_lr(), 0.25);
  EXPECT_EQ(ReduceLROnPlateau(optimizer, {.mode = "max"}).best(), -INFINITY);
  EXPECT_EQ(ReduceLROnPlateau(optimizer, {.mode = "min"}).best(), INFINITY);
}

TEST(ReduceLROnPlateau, SeesAPlateauBelowZero) {
  for (const PlateauMode mode : {PlateauMode::min, PlateauMode::max}) {
    SGD optimizer({leaf()}, {.lr = 1});
    ReduceLROnPlateau scheduler(optimizer,
                                {.mode = mode, .factor = 0.5, .patience = 1, .threshold = 0.1});
    for (const double metric : {-10.0, -10.0, -10.0}) scheduler.step(metric);
    EXPECT_EQ(scheduler.last_lr(), 0.5);
    scheduler.step(mode == PlateauMode::min ? -11.5 : -8.5);
    EXPECT_EQ(scheduler.num_bad_epochs(), 0);
  }
}

TEST(ReduceLROnPlateau, GoesOnFromASavedState) {
  const ReduceLROnPlateauOptions options{.factor = 0.5, .patience = 1, .cooldown = 2};
  const std::vector<double> metrics{3, 2, 2, 2, 2, 2, 1.9, 1.9, 1.9, 1.9, 1.9, 1.9, 1.9};
  for (size_t saved_after = 0; saved_after < metrics.size(); ++saved_after) {
    SGD first_optimizer({leaf()}, {.lr = 1}), second_optimizer({leaf()}, {.lr = 7});
    ReduceLROnPlateau first(first_optimizer, options), second(second_optimizer, options);
    for (size_t i = 0; i < saved_after; ++i) first.step(metrics[i]);
    second.load_state_dict(first.state_dict());
    second_optimizer.load_state_dict(first_optimizer.state_dict());
    for (size_t i = saved_after; i < metrics.size(); ++i) {
      first.step(metrics[i]);
      second.step(metrics[i]);
      EXPECT_EQ(second.last_lr(), first.last_lr()) << saved_after << " " << i;
    }
    EXPECT_EQ(second.best(), 1.9);
  }
}

TEST(ReduceLROnPlateau, AStateThatItRefusesChangesNothing) {
  SGD optimizer({leaf()}, {.lr = 1});
  ReduceLROnPlateau scheduler(optimizer);
  for (const double metric : {1.0, 2.0, 3.0}) scheduler.step(metric);
  const auto state = [](double best, double bad, double cooldown) {
    return StateDict{{"best", scalar(best, float64)},
                     {"num_bad_epochs", scalar(bad, float64)},
                     {"cooldown_counter", scalar(cooldown, float64)}};
  };
  const auto expect_refused = [&](const StateDict& refused, const char* part) {
    expect_error<ValueError>([&] { scheduler.load_state_dict(refused); }, {part});
    EXPECT_EQ(scheduler.best(), 1);
    EXPECT_EQ(scheduler.num_bad_epochs(), 2);
    EXPECT_EQ(scheduler.state_dict()[2].tensor.item(), 0);
  };
  expect_refused({}, "cooldown_counter");
  expect_refused({{"best", {}}, {"num_bad_epochs", {}}, {"cooldown_counter", {}}}, "best");
  expect_refused(state(NAN, 1, 1), "best");
  expect_refused(state(5, -1, 1), "num_bad_epochs");
  expect_refused(state(5, 1, 0.5), "cooldown_counter");
}

// ---- beside other schedulers -------------------------------------------------------------------

TEST(ReduceLROnPlateau, BeginsWhereAWarmUpEndedAndTakesOver) {
  SGD optimizer({leaf()}, {.lr = 1});
  LinearLR warm_up(optimizer, 0.25, 1, 3);
  warm_up.step();
  ReduceLROnPlateau scheduler(optimizer, {.factor = 0.5, .patience = 0});
  EXPECT_DOUBLE_EQ(scheduler.last_lr(), 0.5);
  for (int i = 0; i < 2; ++i) scheduler.step(1);
  EXPECT_DOUBLE_EQ(scheduler.last_lr(), 0.25);
  expect_error<ValueError>([&] { warm_up.step(); }, {"another scheduler"});
}

TEST(ReduceLROnPlateau, IsRefusedOnceALaterSchedulerSetsTheRates) {
  SGD optimizer({leaf()}, {.lr = 1});
  ReduceLROnPlateau scheduler(optimizer, {.factor = 0.5, .patience = 0});
  for (int i = 0; i < 2; ++i) scheduler.step(1);
  const StepLR later(optimizer, 1);
  EXPECT_EQ(later.last_lr(), 1) << "what the optimizer began with";
  expect_error<ValueError>([&] { scheduler.step(1); }, {"another scheduler"});
  EXPECT_EQ(scheduler.num_bad_epochs(), 0);
}

}  // namespace
}  // namespace rill::optim
