#pragma once

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
  /// Shares a weight, as a language model's head does with its embedding; without a bias.
  explicit Linear(const Tensor& tied_weight);

  Tensor forward(const Tensor& x) const;

  int64_t in_features() const { return weight.size(1); }
  int64_t out_features() const { return weight.size(0); }

  const Tensor weight, bias;
};

}  // namespace rill::nn
