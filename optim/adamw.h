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
  /// With this rate and the other options as they are.
  template <std::floating_point Rate>
  AdamW(const std::vector<Tensor>& parameters, Rate lr)
      : AdamW(parameters, AdamWOptions{.lr = lr}) {}
  explicit AdamW(const std::vector<ParameterGroup<AdamWOptions>>& groups);
  AdamW(const std::vector<ParameterGroup<AdamWOptions>>&,  // {{a, {.lr = 0.1}}, {b, {.lr = 0.01}}}
        const AdamWOptions&) = delete;
};

}  // namespace rill::optim
