#pragma once

#include <rill/optim/optimizer.h>

namespace rill::optim {

struct RMSpropOptions {
  double lr = 0.01;
  /// How much of the mean of squared gradients stays with each step.
  double alpha = 0.99;
  /// At least float32's least normal number, 1.2e-38, as Adam's.
  double eps = 1e-8;
  double weight_decay = 0;
  double momentum = 0;
  /// Divide by the root of the gradients' variance, not of their mean square.
  bool centered = false;
};

/// RMSprop (Tieleman & Hinton 2012, lecture 6.5): g += weight_decay · p; v = α v + (1 − α) g²;
/// p −= lr · d with d = g / (√v + eps), or with momentum b = momentum · b + d and p −= lr · b.
/// Centered (Graves 2013): m = α m + (1 − α) g, and v − m² in place of v; it is 0 where rounding
/// makes it negative (NaN in PyTorch). Throws ValueError for an option out of its range.
class RMSprop final : public Optimizer {
 public:
  explicit RMSprop(const std::vector<Tensor>& parameters, const RMSpropOptions& options = {})
      : RMSprop(std::vector<ParameterGroup<RMSpropOptions>>{{parameters, options}}) {}
  /// By position, as in PyTorch.
  RMSprop(const std::vector<Tensor>& parameters, detail::Rate auto rate,
          double alpha = RMSpropOptions().alpha, double eps = RMSpropOptions().eps,
          double weight_decay = 0, double momentum = 0, bool centered = false)
      : RMSprop(parameters, RMSpropOptions{static_cast<double>(rate), alpha, eps, weight_decay,
                                           momentum, centered}) {}
  explicit RMSprop(std::vector<ParameterGroup<RMSpropOptions>> groups);
  explicit RMSprop(std::initializer_list<Tensor> parameters)
      : RMSprop(std::vector<Tensor>(parameters)) {}
  explicit RMSprop(std::initializer_list<ParameterGroup<RMSpropOptions>> groups)
      : RMSprop(std::vector<ParameterGroup<RMSpropOptions>>(groups)) {}
  // clang-format off
  template <class...> explicit RMSprop(...) = delete;  // RMSprop(net.parameters(), {.lr = 0.1, .alpha = 0.9}); groups, each with all of its own: RMSprop({{a, {.lr = 0.1}}, {b, {.lr = 0.2}}})
  // clang-format on

 private:
  void check_options(size_t group) const override;
  bool needs_buffer(size_t group, size_t number) const override;
  std::function<void()> plan(size_t group, DType dtype,
                             const std::vector<Update>& updates) override;
  template <class T>
  std::function<void()> plan_as(const RMSpropOptions& options, const std::vector<Update>& updates);
  std::vector<ParameterGroup<RMSpropOptions>> groups_;
};

}  // namespace rill::optim
