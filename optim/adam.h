#pragma once

#include <array>

#include <rill/optim/param_group.h>  // first: one line less of "included from" in errors that name it

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
  /// By position, as in PyTorch.
  Adam(const std::vector<Tensor>& parameters, detail::Rate auto rate,
       std::array<double, 2> betas = AdamOptions().betas, double eps = AdamOptions().eps,
       double weight_decay = 0, bool amsgrad = false)
      : Adam(parameters,
             AdamOptions{static_cast<double>(rate), betas, eps, weight_decay, amsgrad}) {}
  explicit Adam(std::vector<ParameterGroup<AdamOptions>> groups)
      : Adam("Adam", std::move(groups), false) {}
  explicit Adam(std::initializer_list<Tensor> parameters) : Adam(std::vector<Tensor>(parameters)) {}
  explicit Adam(std::initializer_list<ParameterGroup<AdamOptions>> groups)
      : Adam(std::vector<ParameterGroup<AdamOptions>>(groups)) {}
  // clang-format off
  template <class...> explicit Adam(...) = delete;  // Adam(net.parameters(), {.lr = 0.1, .betas = {0.9, 0.95}}); groups, each with all of its own: Adam({{a, {.lr = 0.1}}, {b, {.lr = 0.2}}})
  // clang-format on

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
