#pragma once

#include <concepts>

#include <rill/nn/layer.h>

namespace rill::nn {

struct LinearOptions {
  bool bias = true;
};

/// y = x Wᵀ + b for x [..., in_features]: y [..., out_features].
class Linear final : public Layer<Linear> {
 public:
  /// weight [out_features, in_features] and bias [out_features] from U(±1/√in_features).
  Linear(int64_t in_features, int64_t out_features, LinearOptions options = {});
  Linear(int64_t in_features, int64_t out_features, std::same_as<bool> auto with_bias)
      : Linear(in_features, out_features, LinearOptions{.bias = with_bias}) {}
  /// Shares a weight, as a language model's head does with its embedding; without a bias.
  explicit Linear(const Tensor& tied_weight);
  explicit Linear(...) = delete;  // Linear(in, out), Linear(in, out, {.bias = false})

  Tensor forward(const Tensor& x) const;

  int64_t in_features() const { return weight.size(1); }
  int64_t out_features() const { return weight.size(0); }

  const Tensor weight, bias;
};

}  // namespace rill::nn
