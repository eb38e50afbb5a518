#include <rill/nn/layer_norm.h>

#include <rill/core/ops.h>

namespace rill::nn {

LayerNorm::LayerNorm(const Shape& shape, LayerNormOptions options)
    : weight(register_parameter("weight", options.elementwise_affine ? ones(shape) : Tensor())),
      bias(register_parameter(
          "bias", options.elementwise_affine && options.bias ? zeros(shape) : Tensor())),
      normalized_shape_(shape),
      eps_(options.eps) {}

LayerNorm::LayerNorm(int64_t features, LayerNormOptions options)
    : LayerNorm(Shape{features}, options) {}

Tensor LayerNorm::forward(const Tensor& x) const {
  return layer_norm(x, normalized_shape_, weight, bias, eps_);
}

}  // namespace rill::nn
