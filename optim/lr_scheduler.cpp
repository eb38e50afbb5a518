#include <rill/core/error.h>
#include <rill/optim/lr_scheduler.h>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace rill::optim {
namespace {

void check_positive(const char* schedule, const char* name, int64_t value) {
  if (value < 1) fail<ValueError>(schedule, ": ", name, " must be at least 1, found ", value);
}

}  // namespace

Schedule step_schedule(int64_t step_size, double gamma) {
  check_positive("step_schedule", "step_size", step_size);
  return [=](int64_t t, double base) {
    return base * std::pow(gamma, static_cast<double>(t / step_size));
  };
}

Schedule cosine_schedule(int64_t t_max, double eta_min) {
  check_positive("cosine_schedule", "t_max", t_max);
  return [=](int64_t t, double base) {
    const double angle = std::numbers::pi * static_cast<double>(t) / static_cast<double>(t_max);
    return eta_min + (base - eta_min) * (1 + std::cos(angle)) / 2;
  };
}

Schedule linear_schedule(double start_factor, double end_factor, int64_t total_iters) {
  check_positive("linear_schedule", "total_iters", total_iters);
  return [=](int64_t t, double base) {
    const double share =
        static_cast<double>(std::min(t, total_iters)) / static_cast<double>(total_iters);
    return base * (start_factor + (end_factor - start_factor) * share);
  };
}

Schedule warmup_cosine_schedule(int64_t warmup_iters, int64_t decay_iters, double min_lr) {
  if (warmup_iters < 0 || decay_iters < warmup_iters)
    fail<ValueError>("warmup_cosine_schedule: 0 <= warmup_iters <= decay_iters is needed, found ",
                     warmup_iters, " and ", decay_iters);
  return [=](int64_t t, double base) {
    if (t < warmup_iters)
      return base * static_cast<double>(t + 1) / static_cast<double>(warmup_iters + 1);
    if (t >= decay_iters) return min_lr;
    const double share =
        static_cast<double>(t - warmup_iters) / static_cast<double>(decay_iters - warmup_iters);
    return min_lr + (base - min_lr) * (1 + std::cos(std::numbers::pi * share)) / 2;
  };
}

Schedule noam_schedule(int64_t d_model, int64_t warmup_iters) {
  check_positive("noam_schedule", "d_model", d_model);
  check_positive("noam_schedule", "warmup_iters", warmup_iters);
  return [=](int64_t t, double base) {
    const auto step = static_cast<double>(t + 1);
    return base / std::sqrt(static_cast<double>(d_model)) *
           std::min(1 / std::sqrt(step), step * std::pow(static_cast<double>(warmup_iters), -1.5));
  };
}

Schedule sequential_schedule(std::vector<Schedule> schedules, std::vector<int64_t> milestones) {
  if (schedules.empty() || milestones.size() + 1 != schedules.size() ||
      !std::is_sorted(milestones.begin(), milestones.end()))
    fail<ValueError>("sequential_schedule: ", schedules.size(), " schedules need ",
                     schedules.empty() ? 0 : schedules.size() - 1,
                     " milestones in rising order, found ", milestones.size());
  return [schedules = std::move(schedules), milestones = std::move(milestones)](int64_t t,
                                                                                double base) {
    const auto next = std::upper_bound(milestones.begin(), milestones.end(), t);
    const auto index = static_cast<size_t>(next - milestones.begin());
    return schedules[index](index == 0 ? t : t - milestones[index - 1], base);
  };
}

LRScheduler::LRScheduler(Optimizer& optimizer, Schedule schedule)
    : optimizer_(optimizer), schedule_(std::move(schedule)) {
  std::vector<double> base_lrs;
  for (size_t group = 0; group < optimizer.group_count(); ++group)
    base_lrs.push_back(optimizer.learning_rate(group));
  move_to(0, std::move(base_lrs));
}

void LRScheduler::step() { move_to(t_ + 1, base_lrs_); }

/// Changes nothing where the schedule throws or gives what is no learning rate.
void LRScheduler::move_to(int64_t t, std::vector<double> base_lrs) {
  std::vector<double> rates;
  for (const double base : base_lrs) {
    rates.push_back(schedule_(t, base));
    detail::check_option("LRScheduler", "the rate", rates.back(), 0, INFINITY);
  }
  for (size_t group = 0; group < rates.size(); ++group)
    optimizer_.set_learning_rate(group, rates[group]);
  t_ = t;
  base_lrs_ = std::move(base_lrs);
}

StateDict LRScheduler::state_dict() const {
  return {{"last_step", scalar(static_cast<double>(t_), float64)},
          {"base_lrs", from_vector(base_lrs_)}};
}

void LRScheduler::load_state_dict(const StateDict& state) {
  if (state.size() != 2 || state[0].name != "last_step" || state[1].name != "base_lrs" ||
      !state[0].tensor.defined() || state[0].tensor.numel() != 1 || !state[1].tensor.defined() ||
      state[1].tensor.numel() != static_cast<int64_t>(base_lrs_.size()))
    fail<ValueError>("load_state_dict: a scheduler's state holds last_step and base_lrs of ",
                     base_lrs_.size(), " groups");
  const double step = state[0].tensor.item();
  if (!(step >= 0 && step <= 0x1p53 && step == std::trunc(step)))
    fail<ValueError>("load_state_dict: last_step must be a count of steps, found ", step);
  std::vector<double> base_lrs = state[1].tensor.to_vector<double>();
  for (const double base : base_lrs)
    detail::check_option("LRScheduler", "base_lrs", base, 0, INFINITY);
  move_to(static_cast<int64_t>(step), std::move(base_lrs));
}

}  // namespace rill::optim
