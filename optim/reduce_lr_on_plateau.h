#pragma once

#include <cstdint>

#include <rill/core/choice.h>
#include <rill/optim/optimizer.h>

namespace rill::optim {

/// Whether a metric is better when it is smaller, as a loss is, or larger.
enum class PlateauMode { min, max };
std::span<const char* const> names_of(PlateauMode);  // "min", "max"

struct ReduceLROnPlateauOptions {
  Choice<PlateauMode> mode = PlateauMode::min;
  double factor = 0.1;
  /// How many metrics in a row may be no better before the next one of them reduces the rates.
  int64_t patience = 10;
  /// By which share of the best metric a better one must differ from it.
  double threshold = 1e-4;
  /// For how many metrics after a reduction none counts as bad.
  int64_t cooldown = 0;
  double min_lr = 0;
  /// A reduction by no more than this is left out.
  double eps = 1e-8;
};

/// Reduces the learning rates where a metric stops getting better: rate = max(rate · factor,
/// min_lr), for each group, once more than `patience` metrics in a row were not better than the
/// best one by `threshold` of its size. (PyTorch never calls a plateau below 0 one, since it
/// compares with best · (1 − threshold); here it is best − |best| · threshold.)
///
/// Begins with the rates that the optimizer has, and takes it over from an LRScheduler made
/// earlier, as from one that warmed up; one made later takes it over from this.
class ReduceLROnPlateau {
 public:
  /// Throws ValueError for an option out of its range.
  explicit ReduceLROnPlateau(Optimizer& optimizer, const ReduceLROnPlateauOptions& options = {});
  ReduceLROnPlateau(Optimizer& optimizer, Choice<PlateauMode> mode, double factor = 0.1,
                    int64_t patience = 10, double threshold = 1e-4)
      : ReduceLROnPlateau(optimizer, {mode, factor, patience, threshold}) {}
  explicit ReduceLROnPlateau(...) =
      delete;  // (optimizer, {.mode = "max", .factor = 0.5, .patience = 5})
  ReduceLROnPlateau(const ReduceLROnPlateau&) = delete;
  ReduceLROnPlateau& operator=(const ReduceLROnPlateau&) = delete;

  /// Takes the next value of the metric, mostly the validation loss of an epoch. NaN counts as bad.
  /// Throws ValueError where a scheduler made later sets the optimizer's rates.
  void step(double metric);
  void step(const Tensor& metric) { step(metric.item()); }
  void step() = delete;  // step(loss)
  /// The best metric so far; at first infinity, of the sign that any metric is better than.
  double best() const { return best_; }
  int64_t num_bad_epochs() const { return num_bad_epochs_; }
  double last_lr(size_t group = 0) const { return optimizer_.learning_rate(group); }
  /// The rate of each group.
  std::vector<double> get_last_lr() const { return optimizer_.learning_rates(); }

  /// "best", "num_bad_epochs" and "cooldown_counter". The rates are in the optimizer's state.
  [[nodiscard]] StateDict state_dict() const;
  /// Takes up such a state. Throws ValueError, with nothing changed, where it is of another form.
  void load_state_dict(const StateDict& state);

 private:
  bool is_better(double metric) const;
  void reduce();
  Optimizer& optimizer_;
  ReduceLROnPlateauOptions options_;
  double best_;
  int64_t num_bad_epochs_ = 0;
  int64_t cooldown_counter_ = 0;
  int64_t number_ = 0;  // among the schedulers of its optimizer
};

}  // namespace rill::optim
