#include <rill/nn/activation.h>

#include <rill/core/error.h>

namespace rill::nn {

std::span<const char* const> names_of(Activation) {
  static constexpr const char* names[] = {"relu", "gelu", "gelu_tanh", "silu"};
  return names;
}

Tensor activate(const Tensor& x, Activation activation) {
  switch (activation) {
    case Activation::relu: return relu(x);
    case Activation::gelu: return gelu(x);
    case Activation::gelu_tanh: return gelu(x, Gelu::tanh);
    case Activation::silu: return silu(x);
  }
  fail<ValueError>("activate: no activation has the number ", static_cast<int>(activation));
}

}  // namespace rill::nn
