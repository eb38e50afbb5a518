#pragma once

#include <array>

#include <rill/optim/optimizer.h>

namespace rill::optim {

struct AdamOptions {
  double lr = 1e-3;
  std::array<double, 2> betas = {0.9, 0.999};
  /// At least float32's least normal number, 1.2e-38: with 0 a parameter whose gradients were all 0
  /// would move by 0 / 0 (in PyTorch, to NaN).
  double eps = 1e-8;
  double weight_decay = 0;
  /// Divide by the largest v so far (Reddi et al. 2018).
  bool amsgrad = false;
};

/// Adam (Kingma & Ba 2015): m = β1 m + (1 − β1) g, v = β2 v + (1 − β2) g²,
/// p −= lr · m̂ / (√v̂ + eps) with m̂ = m / (1 − β1ᵗ), v̂ = v / (1 − β2ᵗ); weight decay is added to g.
/// t is counted for each parameter. Throws ValueError for an option out of its range.
class Adam : public Optimizer {
 public:
  explicit Adam(const std::vector<Tensor>& parameters, const AdamOptions& options = {})
      : Adam(std::vector<ParameterGroup<AdamOptions>>{{parameters, options}}) {}
  /// With this rate and the other options as they are.
  template <std::floating_point Rate>
  Adam(const std::vector<Tensor>& parameters, Rate lr) : Adam(parameters, AdamOptions{.lr = lr}) {}
  explicit Adam(std::vector<ParameterGroup<AdamOptions>> groups)
      : Adam("Adam", std::move(groups), false) {}
  Adam(const std::vector<ParameterGroup<AdamOptions>>&,  // {{a, {.lr = 0.1}}, {b, {.lr = 0.01}}}
       const AdamOptions&) = delete;

 protected:
  Adam(const char* name, std::vector<ParameterGroup<AdamOptions>> groups, bool decoupled_decay);

 private:
  void check_options(size_t group) const override;
  bool needs_buffer(size_t group, size_t number) const override;
  std::function<void()> plan(size_t group, DType dtype,
                             const std::vector<Update>& updates) override;
  template <class T>
  std::function<void()> plan_as(const AdamOptions& options, const std::vector<Update>& updates);
  const char* name_;
  std::vector<ParameterGroup<AdamOptions>> groups_;
  const bool decoupled_decay_;
};

}  // namespace rill::optim
