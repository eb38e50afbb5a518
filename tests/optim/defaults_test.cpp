#include <rill/optim/adam.h>
#include <rill/optim/adamw.h>
#include <rill/optim/clip_grad.h>
#include <rill/optim/lr_scheduler.h>
#include <rill/optim/reduce_lr_on_plateau.h>
#include <rill/optim/rmsprop.h>
#include <rill/optim/sgd.h>

#include <gtest/gtest.h>

// What PyTorch 2.13's documentation gives where nothing is said.

namespace rill::optim {
namespace {

template <class Options>
void expect_defaults_of_adam(double weight_decay) {
  const Options options;
  EXPECT_EQ(options.lr, 1e-3);
  EXPECT_EQ(options.betas[0], 0.9);
  EXPECT_EQ(options.betas[1], 0.999);
  EXPECT_EQ(options.eps, 1e-8);
  EXPECT_EQ(options.weight_decay, weight_decay);
  EXPECT_FALSE(options.amsgrad);
}

TEST(OptimizerDefaults, OfAdamAndAdamWDifferInTheDecayOfWeights) {
  expect_defaults_of_adam<AdamOptions>(0);
  expect_defaults_of_adam<AdamWOptions>(0.01);
}

TEST(OptimizerDefaults, OfSGDArePlainDescent) {
  const SGDOptions options;
  EXPECT_EQ(options.lr, 1e-3);
  EXPECT_EQ(options.momentum, 0);
  EXPECT_EQ(options.dampening, 0);
  EXPECT_EQ(options.weight_decay, 0);
  EXPECT_FALSE(options.nesterov);
}

TEST(OptimizerDefaults, OfRMSpropAreNeitherCenteredNorWithMomentum) {
  const RMSpropOptions options;
  EXPECT_EQ(options.lr, 0.01);
  EXPECT_EQ(options.alpha, 0.99);
  EXPECT_EQ(options.eps, 1e-8);
  EXPECT_EQ(options.weight_decay, 0);
  EXPECT_EQ(options.momentum, 0);
  EXPECT_FALSE(options.centered);
}

TEST(OptimizerDefaults, OfReduceLROnPlateauArePyTorchs) {
  const ReduceLROnPlateauOptions options;
  EXPECT_EQ(options.mode, PlateauMode::min);
  EXPECT_EQ(options.factor, 0.1);
  EXPECT_EQ(options.patience, 10);
  EXPECT_EQ(options.threshold, 1e-4);
  EXPECT_EQ(options.cooldown, 0);
  EXPECT_EQ(options.min_lr, 0);
  EXPECT_EQ(options.eps, 1e-8);
}

TEST(OptimizerDefaults, OfOneCycleArePyTorchs) {
  const OneCycleOptions options;
  EXPECT_EQ(options.pct_start, 0.3);
  EXPECT_EQ(options.div_factor, 25);
  EXPECT_EQ(options.final_div_factor, 1e4);
}

TEST(OptimizerDefaults, OfClippingAreTheEuclideanNormAndNoError) {
  const ClipGradNormOptions options;
  EXPECT_EQ(options.norm_type, 2);
  EXPECT_FALSE(options.error_if_nonfinite);
}

TEST(OptimizerDefaults, OfSchedulesArePyTorchs) {
  EXPECT_DOUBLE_EQ(step_schedule(2)(2, 1), 0.1);
  EXPECT_NEAR(cosine_schedule(4)(4, 1), 0, 1e-15);
  EXPECT_DOUBLE_EQ(linear_schedule()(0, 1), 1.0 / 3);
  EXPECT_LT(linear_schedule()(4, 1), 1);
  EXPECT_EQ(linear_schedule()(5, 1), 1);
}

TEST(OptimizerDefaults, OfLinearLRLeadToTheRateOfTheOptimizer) {
  SGD optimizer({zeros({1}).requires_grad_()}, {.lr = 0.5});
  LinearLR scheduler(optimizer);
  EXPECT_DOUBLE_EQ(scheduler.last_lr(), 0.5 / 3);
  for (int step = 0; step < 5; ++step) scheduler.step();
  EXPECT_EQ(scheduler.last_lr(), 0.5);
}

}  // namespace
}  // namespace rill::optim
