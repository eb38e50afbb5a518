#include <cmath>
#include <functional>
#include <string>

#include <gtest/gtest.h>
#include <rill/optim/lr_scheduler.h>
#include <rill/optim/sgd.h>

#include "tests/support/reference.h"

// Schedules that rill does not name, written as functions, are PyTorch's.

namespace rill::optim {
namespace {

void expect_rates(const std::string& op, const std::function<Schedule(double gamma)>& make) {
  for (const auto& reference : testing::reference_cases("optimizers.json", op)) {
    SCOPED_TRACE(reference.label());
    SGD optimizer({ones({1}).requires_grad_()}, {.lr = reference.args.number("lr")});
    LRScheduler scheduler(optimizer, make(reference.args.number("gamma", 1)));
    for (const double rate : reference.rates) {
      EXPECT_NEAR(optimizer.learning_rate(), rate, 1e-13) << "at step " << scheduler.last_step();
      scheduler.step();
    }
  }
}

TEST(OwnSchedule, AFunctionDecaysExponentially) {
  expect_rates("ExponentialLR", [](double gamma) -> Schedule {
    return [gamma](int64_t t, double base) { return base * std::pow(gamma, t); };
  });
}

}  // namespace
}  // namespace rill::optim
