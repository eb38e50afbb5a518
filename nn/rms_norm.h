#pragma once

#include <concepts>
#include <optional>

#include <rill/nn/layer.h>

namespace rill::nn {

struct RMSNormOptions {
  /// The machine epsilon of the input's dtype unless given; LLaMA uses 1e-6 or 1e-5.
  std::optional<double> eps = {};
  bool elementwise_affine = true;
};

/// x / √(mean(x²) + eps) · weight, over the last dimensions `normalized_shape` (Zhang & Sennrich
/// 2019).
class RMSNorm final : public Layer<RMSNorm> {
 public:
  /// weight of ones [normalized_shape]. Throws ShapeError unless its sizes are 1 or
  /// more, ValueError for an eps that is negative or not finite.
  explicit RMSNorm(const Shape& normalized_shape, RMSNormOptions options = {});
  explicit RMSNorm(int64_t features, RMSNormOptions options = {});
  /// The options by position.
  RMSNorm(const Shape& normalized_shape, std::floating_point auto eps, bool affine = true)
      : RMSNorm(normalized_shape, RMSNormOptions{eps, affine}) {}

  Tensor forward(const Tensor& x) const;

  const Shape& normalized_shape() const { return normalized_shape_; }
  /// As given: none stands for that of the input's dtype.
  std::optional<double> eps() const { return eps_; }

  const Tensor weight;

 private:
  const Shape normalized_shape_;
  const std::optional<double> eps_;
};

}  // namespace rill::nn
