#pragma once

#include <concepts>

#include <rill/nn/layer.h>

namespace rill::nn {

struct LayerNormOptions {
  double eps = 1e-5;
  bool elementwise_affine = true;
  /// Only with elementwise_affine.
  bool bias = true;
};

/// (x − mean) / √(var + eps) · weight + bias, over the last dimensions `normalized_shape`; the
/// variance is the biased one (Ba et al. 2016).
class LayerNorm final : public Layer<LayerNorm> {
 public:
  /// weight of ones and bias of zeros, each [normalized_shape]. Throws ShapeError unless its sizes
  /// are 1 or more, ValueError for an eps that is negative or not finite.
  explicit LayerNorm(const Shape& normalized_shape, LayerNormOptions options = {});
  explicit LayerNorm(int64_t features, LayerNormOptions options = {});
  /// The options by position.
  LayerNorm(const Shape& normalized_shape, std::floating_point auto eps, bool affine = true,
            bool with_bias = true)
      : LayerNorm(normalized_shape, LayerNormOptions{eps, affine, with_bias}) {}

  Tensor forward(const Tensor& x) const;

  const Shape& normalized_shape() const { return normalized_shape_; }
  double eps() const { return eps_; }

  const Tensor weight, bias;

 private:
  const Shape normalized_shape_;
  const double eps_;
};

}  // namespace rill::nn
