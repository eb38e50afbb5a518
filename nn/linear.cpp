// A layer holds what is trained, and calls an op: `linear`, which stands with its gradients in
// core/ops/linear.cpp.
#include <rill/nn/linear.h>

#include <cmath>

#include <rill/core/error.h>
#include <rill/core/ops.h>
#include <rill/nn/init.h>

namespace rill::nn {
namespace {

Tensor uniform_by_width(const Shape& shape, int64_t in_features) {
  const double bound = in_features > 0 ? 1 / std::sqrt(static_cast<double>(in_features)) : 0;
  return init::uniform_(Tensor::empty(shape), -bound, bound);
}

Tensor checked(const Tensor& weight) {
  if (weight.dims() != 2)
    fail<ShapeError>("Linear: the weight must be [out_features, in_features], not ",
                     weight.shape());
  return weight;
}

}  // namespace

Linear::Linear(int64_t in, int64_t out, LinearOptions options)
    : weight(register_parameter("weight", uniform_by_width({out, in}, in))),
      bias(register_parameter("bias", options.bias ? uniform_by_width({out}, in) : Tensor())) {
  set_extra_repr({{"in_features", in}, {"out_features", out}, {"bias", options.bias}});
}

Linear::Linear(const Tensor& tied_weight)
    : weight(register_parameter("weight", checked(tied_weight), tied_weight.requires_grad())) {
  set_extra_repr(
      {{"in_features", in_features()}, {"out_features", out_features()}, {"bias", false}});
}

Tensor Linear::forward(const Tensor& x) const { return linear(x, weight, bias); }

}  // namespace rill::nn
