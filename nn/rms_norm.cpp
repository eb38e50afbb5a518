#include <rill/nn/rms_norm.h>

#include <rill/core/ops.h>

namespace rill::nn {

RMSNorm::RMSNorm(const Shape& shape, RMSNormOptions options)
    : weight(register_parameter("weight", options.elementwise_affine ? ones(shape) : Tensor())),
      normalized_shape_(shape),
      eps_(options.eps) {}

RMSNorm::RMSNorm(int64_t features, RMSNormOptions options) : RMSNorm(Shape{features}, options) {}

Tensor RMSNorm::forward(const Tensor& x) const {
  return rms_norm(x, normalized_shape_, weight, eps_);
}

}  // namespace rill::nn
