#pragma once

#include <array>

#include <rill/optim/adam.h>

namespace rill::optim {

/// As Adam's.
struct AdamWOptions {
  double lr = 1e-3;
  std::array<double, 2> betas = {0.9, 0.999};
  double eps = 1e-8;
  double weight_decay = 0.01;
  bool amsgrad = false;
};

/// Adam with decoupled weight decay (Loshchilov & Hutter 2019): p −= lr · weight_decay · p first,
/// then Adam's step on the gradient alone.
class AdamW final : public Adam {
 public:
  explicit AdamW(const std::vector<Tensor>& parameters, const AdamWOptions& options = {})
      : AdamW(std::vector<ParameterGroup<AdamWOptions>>{{parameters, options}}) {}
  /// By position, as in PyTorch.
  AdamW(const std::vector<Tensor>& parameters, detail::Rate auto rate,
        std::array<double, 2> betas = AdamWOptions().betas, double eps = AdamWOptions().eps,
        double weight_decay = AdamWOptions().weight_decay, bool amsgrad = false)
      : AdamW(parameters,
              AdamWOptions{static_cast<double>(rate), betas, eps, weight_decay, amsgrad}) {}
  explicit AdamW(const std::vector<ParameterGroup<AdamWOptions>>& groups);
  explicit AdamW(std::initializer_list<Tensor> parameters)
      : AdamW(std::vector<Tensor>(parameters)) {}
  explicit AdamW(std::initializer_list<ParameterGroup<AdamWOptions>> groups)
      : AdamW(std::vector<ParameterGroup<AdamWOptions>>(groups)) {}
  // clang-format off
  template <class...> explicit AdamW(...) = delete;  // AdamW(net.parameters(), {.lr = 0.1, .betas = {0.9, 0.95}, .weight_decay = 0.1}); groups, each with all of its own: AdamW({{a, {.lr = 0.1}}, {b, {.lr = 0.2}}})
  // clang-format on
};

}  // namespace rill::optim
