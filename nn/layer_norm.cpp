#include <rill/nn/layer_norm.h>

#include <rill/core/ops.h>
#include <rill/core/option.h>
#include <rill/nn/detail/normalized_shape.h>

namespace rill::nn {

LayerNorm::LayerNorm(const Shape& shape, LayerNormOptions options)
    : weight(register_parameter(
          "weight", options.elementwise_affine ? ones(normalized("LayerNorm", shape)) : Tensor())),
      bias(register_parameter(
          "bias", options.elementwise_affine && options.bias ? zeros(shape) : Tensor())),
      normalized_shape_(normalized("LayerNorm", shape)),
      eps_(rill::detail::want_not_negative("LayerNorm: eps", options.eps)) {
  set_extra_repr({{"", shape},
                  {"eps", options.eps},
                  {"elementwise_affine", options.elementwise_affine},
                  {"bias", options.elementwise_affine && options.bias}});
}

LayerNorm::LayerNorm(int64_t features, LayerNormOptions options)
    : LayerNorm(Shape{features}, options) {}

Tensor LayerNorm::forward(const Tensor& x) const {
  return layer_norm(x, normalized_shape_, weight, bias, eps_);
}

}  // namespace rill::nn
