#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include <rill/optim/optimizer.h>

namespace rill::optim {

/// A learning rate as a function of the step t (from 0) and of the rate that the optimizer had when
/// its first scheduler was made.
using Schedule = std::function<double(int64_t t, double base)>;

/// base · factor(t). Throws ValueError for an empty function.
Schedule lambda_schedule(std::function<double(int64_t t)> factor);
/// base · gamma^⌊t / step_size⌋.
Schedule step_schedule(int64_t step_size, double gamma = 0.1);
/// base · gamma^(number of milestones at or below t). Throws ValueError where one is below that
/// before it.
Schedule multi_step_schedule(std::vector<int64_t> milestones, double gamma = 0.1);
/// base · gammaᵗ.
Schedule exponential_schedule(double gamma);
/// min + (base − min)(1 + cos(π t / t_max)) / 2, which rises again after t_max (Loshchilov & Hutter
/// 2017, without restarts).
Schedule cosine_schedule(int64_t t_max, double eta_min = 0);
/// base times a factor that goes linearly from start, in (0, 1], to end, in [0, 1], over
/// total_iters steps, then stays.
Schedule linear_schedule(double start_factor = 1.0 / 3, double end_factor = 1,
                         int64_t total_iters = 5);
/// base · (t + 1) / (warmup + 1) for t < warmup, then a cosine from base to min_lr at decay_iters,
/// then min_lr: nanoGPT's.
Schedule warmup_cosine_schedule(int64_t warmup_iters, int64_t decay_iters, double min_lr);
/// base · d_model^−½ · min(s^−½, s · warmup^−3/2), s = t + 1 (Vaswani et al. 2017, section 5.3).
Schedule noam_schedule(int64_t d_model, int64_t warmup_iters);

struct OneCycleOptions {
  /// The share of the steps in which the rate rises.
  double pct_start = 0.3;
  double div_factor = 25;
  double final_div_factor = 1e4;
};
/// Half a cosine from max_lr / div_factor up to max_lr, and half a cosine down to max_lr /
/// (div_factor · final_div_factor) at t = total_steps − 1, where it stays (Smith & Topin 2018). The
/// top is at t = pct_start · total_steps − 1. The rate that the optimizer had does not count. As
/// PyTorch's with cycle_momentum=False, which is not its default: momentum is left alone.
Schedule one_cycle_schedule(double max_lr, int64_t total_steps,
                            const OneCycleOptions& options = {});
/// schedules[i] from milestones[i − 1] on, each beginning at its own t = 0.
Schedule sequential_schedule(std::vector<Schedule> schedules, std::vector<int64_t> milestones);

/// Sets an optimizer's learning rates by a schedule: that of t = 0 at once, the next with each
/// `step()` (call it after the optimizer's).
///
/// The optimizer remembers, and saves, the rates that it had when its first scheduler was made: a
/// scheduler made later, or after `Optimizer::load_state_dict`, scales these, not what the first
/// has left. It also takes the optimizer over: then the earlier one moves no more.
class LRScheduler {
 public:
  LRScheduler(Optimizer& optimizer, Schedule schedule);
  LRScheduler(const LRScheduler&) = delete;
  LRScheduler& operator=(const LRScheduler&) = delete;
  /// Throws ValueError, with scheduler and optimizer unchanged, where a scheduler made later sets
  /// the optimizer's rates, or where the schedule gives no learning rate.
  void step();
  int64_t last_step() const { return t_; }
  int64_t last_epoch() const { return t_; }
  /// What is scaled, of each group.
  const std::vector<double>& base_lrs() const { return base_lrs_; }
  double last_lr(size_t group = 0) const { return optimizer_.learning_rate(group); }
  /// The rate of each group.
  std::vector<double> get_last_lr() const { return optimizer_.learning_rates(); }
  void step(auto&&...) = delete;      // step() after each optimizer.step()
  void get_lr(...) const = delete;    // get_last_lr()
  void print_lr(...) const = delete;  // last_lr()
  /// The step reached ("last_step") and the rates to scale ("base_lrs").
  [[nodiscard]] StateDict state_dict() const;
  /// Takes up such a state. Throws ValueError, with scheduler and optimizer unchanged, where it is
  /// of another form or leads to no learning rate, and where `step` would throw.
  void load_state_dict(const StateDict& state);

 private:
  std::vector<double> rates_at(int64_t t, const std::vector<double>& base_lrs) const;
  void move_to(int64_t t, const std::vector<double>& base_lrs);
  void set(int64_t t, std::vector<double> base_lrs, const std::vector<double>& rates);
  Optimizer& optimizer_;
  Schedule schedule_;
  std::vector<double> base_lrs_;
  int64_t t_ = 0;
  int64_t number_ = 0;  // among the schedulers of its optimizer
};

class LambdaLR final : public LRScheduler {
 public:
  LambdaLR(Optimizer& optimizer, std::function<double(int64_t t)> factor)
      : LRScheduler(optimizer, lambda_schedule(std::move(factor))) {}
  explicit LambdaLR(...) =
      delete;  // LambdaLR(optimizer, [](int64_t t) { return std::pow(0.95, t); })
};

class StepLR final : public LRScheduler {
 public:
  StepLR(Optimizer& optimizer, int64_t step_size, double gamma = 0.1)
      : LRScheduler(optimizer, step_schedule(step_size, gamma)) {}
  explicit StepLR(...) = delete;  // StepLR(optimizer, 10, 0.5), of step_size and gamma
};

class MultiStepLR final : public LRScheduler {
 public:
  MultiStepLR(Optimizer& optimizer, std::vector<int64_t> milestones, double gamma = 0.1)
      : LRScheduler(optimizer, multi_step_schedule(std::move(milestones), gamma)) {}
  explicit MultiStepLR(...) =
      delete;  // MultiStepLR(optimizer, {30, 80}, 0.1), of milestones and gamma
};

class ExponentialLR final : public LRScheduler {
 public:
  ExponentialLR(Optimizer& optimizer, double gamma)
      : LRScheduler(optimizer, exponential_schedule(gamma)) {}
  explicit ExponentialLR(...) = delete;  // ExponentialLR(optimizer, 0.9), of gamma
};

class CosineAnnealingLR final : public LRScheduler {
 public:
  CosineAnnealingLR(Optimizer& optimizer, int64_t t_max, double eta_min = 0)
      : LRScheduler(optimizer, cosine_schedule(t_max, eta_min)) {}
  explicit CosineAnnealingLR(...) =
      delete;  // CosineAnnealingLR(optimizer, 100, 1e-5), of T_max and eta_min
};

class LinearLR final : public LRScheduler {
 public:
  explicit LinearLR(Optimizer& optimizer, double start_factor = 1.0 / 3, double end_factor = 1,
                    int64_t total_iters = 5)
      : LRScheduler(optimizer, linear_schedule(start_factor, end_factor, total_iters)) {}
  explicit LinearLR(...) = delete;  // LinearLR(optimizer, 0.1, 1, 5), of start_factor and so on
};

class WarmupCosineLR final : public LRScheduler {
 public:
  WarmupCosineLR(Optimizer& optimizer, int64_t warmup_iters, int64_t decay_iters, double min_lr)
      : LRScheduler(optimizer, warmup_cosine_schedule(warmup_iters, decay_iters, min_lr)) {}
  explicit WarmupCosineLR(...) = delete;  // WarmupCosineLR(optimizer, 10, 100, 1e-5)
};

class NoamLR final : public LRScheduler {
 public:
  NoamLR(Optimizer& optimizer, int64_t d_model, int64_t warmup_iters)
      : LRScheduler(optimizer, noam_schedule(d_model, warmup_iters)) {}
  explicit NoamLR(...) = delete;  // NoamLR(optimizer, 512, 4000), of d_model and warmup_iters
};

/// For all groups of the optimizer alike; leaves momentum alone.
class OneCycleLR final : public LRScheduler {
 public:
  OneCycleLR(Optimizer& optimizer, double max_lr, int64_t total_steps,
             const OneCycleOptions& options = {})
      : LRScheduler(optimizer, one_cycle_schedule(max_lr, total_steps, options)) {}
  explicit OneCycleLR(...) =
      delete;  // (optimizer, 0.1, 100, {.pct_start = 0.2}), of max_lr, total_steps
};

class SequentialLR final : public LRScheduler {
 public:
  SequentialLR(Optimizer& optimizer, std::vector<Schedule> schedules,
               std::vector<int64_t> milestones)
      : LRScheduler(optimizer, sequential_schedule(std::move(schedules), std::move(milestones))) {}
  explicit SequentialLR(...) =
      delete;  // (optimizer, {linear_schedule(0.1), cosine_schedule(95)}, {5})
};

/// As PyTorch calls it: optim::lr_scheduler::StepLR.
namespace lr_scheduler {
using namespace rill::optim;
}

}  // namespace rill::optim
