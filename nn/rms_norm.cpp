#include <rill/nn/rms_norm.h>

#include <rill/core/ops.h>
#include <rill/core/option.h>
#include <rill/nn/detail/normalized_shape.h>

namespace rill::nn {

RMSNorm::RMSNorm(const Shape& shape, RMSNormOptions options)
    : weight(register_parameter(
          "weight", options.elementwise_affine ? ones(normalized("RMSNorm", shape)) : Tensor())),
      normalized_shape_(normalized("RMSNorm", shape)),
      eps_(options.eps) {
  if (eps_) rill::detail::want_not_negative("RMSNorm: eps", *eps_);
  set_extra_repr({{"", shape},
                  eps_ ? Setting("eps", *eps_) : Setting("eps", "None"),
                  {"elementwise_affine", options.elementwise_affine}});
}

RMSNorm::RMSNorm(int64_t features, RMSNormOptions options) : RMSNorm(Shape{features}, options) {}

Tensor RMSNorm::forward(const Tensor& x) const {
  return rms_norm(x, normalized_shape_, weight, eps_);
}

}  // namespace rill::nn
