#include <rill/core/error.h>
#include <rill/core/option.h>
#include <rill/optim/detail/count.h>
#include <rill/optim/lr_scheduler.h>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace rill::optim {

using rill::detail::want_at_least;
using rill::detail::want_not_negative;

namespace {

/// From `start` to `end` along half a cosine, as `share` goes from 0 to 1.
double anneal(double start, double end, double share) {
  return end + (start - end) * (1 + std::cos(std::numbers::pi * share)) / 2;
}

}  // namespace

Schedule lambda_schedule(std::function<double(int64_t)> factor) {
  if (!factor) fail<ValueError>("lambda_schedule: the function is empty");
  return [factor = std::move(factor)](int64_t t, double base) { return base * factor(t); };
}

Schedule step_schedule(int64_t step_size, double gamma) {
  want_at_least(1, "step_schedule: step_size", step_size);
  want_not_negative("step_schedule: gamma", gamma);
  return [=](int64_t t, double base) {
    return base * std::pow(gamma, static_cast<double>(t / step_size));
  };
}

Schedule multi_step_schedule(std::vector<int64_t> milestones, double gamma) {
  if (!std::is_sorted(milestones.begin(), milestones.end()))
    fail<ValueError>("multi_step_schedule: milestones must be in rising order");
  want_not_negative("multi_step_schedule: gamma", gamma);
  return [milestones = std::move(milestones), gamma](int64_t t, double base) {
    const auto next = std::upper_bound(milestones.begin(), milestones.end(), t);
    return base * std::pow(gamma, static_cast<double>(next - milestones.begin()));
  };
}

Schedule exponential_schedule(double gamma) {
  want_not_negative("exponential_schedule: gamma", gamma);
  return [=](int64_t t, double base) { return base * std::pow(gamma, static_cast<double>(t)); };
}

Schedule cosine_schedule(int64_t t_max, double eta_min) {
  want_at_least(1, "cosine_schedule: t_max", t_max);
  want_not_negative("cosine_schedule: eta_min", eta_min);
  return [=](int64_t t, double base) {
    return anneal(base, eta_min, static_cast<double>(t) / static_cast<double>(t_max));
  };
}

Schedule linear_schedule(double start_factor, double end_factor, int64_t total_iters) {
  want_at_least(1, "linear_schedule: total_iters", total_iters);
  if (!(start_factor > 0 && start_factor <= 1))
    fail<ValueError>("linear_schedule: start_factor must be above 0 and at most 1, found ",
                     start_factor, ": give the optimizer the largest rate");
  if (!(end_factor >= 0 && end_factor <= 1))
    fail<ValueError>("linear_schedule: end_factor must lie in [0, 1], found ", end_factor,
                     ": the number of steps, total_iters, comes after it");
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
  want_not_negative("warmup_cosine_schedule: min_lr", min_lr);
  return [=](int64_t t, double base) {
    if (t < warmup_iters)
      return base * static_cast<double>(t + 1) / static_cast<double>(warmup_iters + 1);
    if (t >= decay_iters) return min_lr;
    const double share =
        static_cast<double>(t - warmup_iters) / static_cast<double>(decay_iters - warmup_iters);
    return anneal(base, min_lr, share);
  };
}

Schedule one_cycle_schedule(double max_lr, int64_t total_steps, const OneCycleOptions& options) {
  want_not_negative("one_cycle_schedule: max_lr", max_lr);
  want_at_least(1, "one_cycle_schedule: total_steps", total_steps);
  rill::detail::want_share("one_cycle_schedule: pct_start", options.pct_start);
  rill::detail::want_positive("one_cycle_schedule: div_factor", options.div_factor);
  rill::detail::want_positive("one_cycle_schedule: final_div_factor", options.final_div_factor);
  const auto last = static_cast<double>(total_steps - 1);
  const double peak = options.pct_start * static_cast<double>(total_steps) - 1;
  const double initial_lr = max_lr / options.div_factor;
  const double min_lr = initial_lr / options.final_div_factor;
  return [=](int64_t t, double) {
    const double step = std::min(static_cast<double>(t), last);
    if (step < peak) return anneal(initial_lr, max_lr, step / peak);
    return anneal(max_lr, min_lr, peak < last ? (step - peak) / (last - peak) : 0);
  };
}

Schedule noam_schedule(int64_t d_model, int64_t warmup_iters) {
  want_at_least(1, "noam_schedule: d_model", d_model);
  want_at_least(1, "noam_schedule: warmup_iters", warmup_iters);
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
  want_at_least(0, "sequential_schedule: the first milestone",
                milestones.empty() ? 0 : milestones.front());
  for (const Schedule& schedule : schedules)
    if (!schedule) fail<ValueError>("sequential_schedule: a schedule is empty");
  return [schedules = std::move(schedules), milestones = std::move(milestones)](int64_t t,
                                                                                double base) {
    const auto next = std::upper_bound(milestones.begin(), milestones.end(), t);
    const auto index = static_cast<size_t>(next - milestones.begin());
    return schedules[index](index == 0 ? t : t - milestones[index - 1], base);
  };
}

LRScheduler::LRScheduler(Optimizer& optimizer, Schedule schedule)
    : optimizer_(optimizer), schedule_(std::move(schedule)) {
  if (!schedule_) fail<ValueError>("LRScheduler: the schedule is empty");
  const std::vector<double> base_lrs = optimizer.initial_rates();
  const std::vector<double> rates = rates_at(0, base_lrs);
  number_ = optimizer.take_over(base_lrs);
  set(0, base_lrs, rates);
}

void LRScheduler::step() { move_to(t_ + 1, base_lrs_); }

std::vector<double> LRScheduler::rates_at(int64_t t, const std::vector<double>& base_lrs) const {
  std::vector<double> rates;
  for (const double base : base_lrs)
    rates.push_back(want_not_negative("LRScheduler: the rate", schedule_(t, base)));
  return rates;
}

/// Changes nothing where the schedule throws or gives what is no learning rate.
void LRScheduler::move_to(int64_t t, const std::vector<double>& base_lrs) {
  if (!optimizer_.is_set_by(number_))
    fail<ValueError>(
        "LRScheduler: another scheduler was made for this optimizer and sets its rates now; for "
        "one schedule after the other make one SequentialLR");
  set(t, base_lrs, rates_at(t, base_lrs));
}

void LRScheduler::set(int64_t t, std::vector<double> base_lrs, const std::vector<double>& rates) {
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
  const int64_t step = detail::want_count("last_step", state[0].tensor.item());
  const std::vector<double> base_lrs = state[1].tensor.to_vector<double>();
  for (const double base : base_lrs) want_not_negative("load_state_dict: base_lrs", base);
  move_to(step, base_lrs);
}

}  // namespace rill::optim
