#include <rill/core/error.h>
#include <rill/core/option.h>
#include <rill/optim/detail/count.h>
#include <rill/optim/reduce_lr_on_plateau.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace rill::optim {

using rill::detail::want_at_least;
using rill::detail::want_not_negative;

std::span<const char* const> names_of(PlateauMode) {
  static constexpr const char* names[] = {"min", "max"};
  return names;
}

ReduceLROnPlateau::ReduceLROnPlateau(Optimizer& optimizer, const ReduceLROnPlateauOptions& options)
    : optimizer_(optimizer),
      options_(options),
      best_(options.mode == PlateauMode::min ? INFINITY : -INFINITY) {
  rill::detail::want_share_below_one("ReduceLROnPlateau: factor", options.factor);
  want_at_least(0, "ReduceLROnPlateau: patience", options.patience);
  want_not_negative("ReduceLROnPlateau: threshold", options.threshold);
  want_at_least(0, "ReduceLROnPlateau: cooldown", options.cooldown);
  want_not_negative("ReduceLROnPlateau: min_lr", options.min_lr);
  want_not_negative("ReduceLROnPlateau: eps", options.eps);
  number_ = optimizer.take_over(optimizer.initial_rates());
}

void ReduceLROnPlateau::step(double metric) {
  if (!optimizer_.is_set_by(number_))
    fail<ValueError>(
        "ReduceLROnPlateau: another scheduler was made for this optimizer and sets its rates now; "
        "make this one after it, and do without the other from then on");
  const bool is_cooling = cooldown_counter_ > 0;
  if (is_cooling) --cooldown_counter_;
  const bool is_best = is_better(metric);
  if (is_best) best_ = metric;
  num_bad_epochs_ = is_best || is_cooling ? 0 : num_bad_epochs_ + 1;
  if (num_bad_epochs_ > options_.patience) reduce();
}

/// False for NaN.
bool ReduceLROnPlateau::is_better(double metric) const {
  const double margin = std::isfinite(best_) ? std::abs(best_) * options_.threshold : 0;
  return options_.mode == PlateauMode::min ? metric < best_ - margin : metric > best_ + margin;
}

void ReduceLROnPlateau::reduce() {
  for (size_t group = 0; group < optimizer_.group_count(); ++group) {
    const double rate = optimizer_.learning_rate(group);
    const double reduced = std::max(rate * options_.factor, options_.min_lr);
    if (rate - reduced > options_.eps) optimizer_.set_learning_rate(group, reduced);
  }
  cooldown_counter_ = options_.cooldown;
  num_bad_epochs_ = 0;
}

StateDict ReduceLROnPlateau::state_dict() const {
  return {{"best", scalar(best_, float64)},
          {"num_bad_epochs", scalar(static_cast<double>(num_bad_epochs_), float64)},
          {"cooldown_counter", scalar(static_cast<double>(cooldown_counter_), float64)}};
}

void ReduceLROnPlateau::load_state_dict(const StateDict& state) {
  const std::vector<const char*> names{"best", "num_bad_epochs", "cooldown_counter"};
  const auto is_number = [](const NamedTensor& entry, const char* name) {
    return entry.name == name && entry.tensor.defined() && entry.tensor.numel() == 1;
  };
  if (!std::ranges::equal(state, names, is_number))
    fail<ValueError>(
        "load_state_dict: the state of a ReduceLROnPlateau holds the numbers best, "
        "num_bad_epochs and cooldown_counter");
  const double best = rill::detail::want_not_nan("load_state_dict: best", state[0].tensor.item());
  const int64_t num_bad_epochs = detail::want_count("num_bad_epochs", state[1].tensor.item());
  cooldown_counter_ = detail::want_count("cooldown_counter", state[2].tensor.item());
  num_bad_epochs_ = num_bad_epochs;
  best_ = best;
}

}  // namespace rill::optim
