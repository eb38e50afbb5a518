#pragma once

#include <vector>

#include <rill/core/gradcheck.h>
#include <rill/nn/module.h>

// gradcheck for layers: with respect to their parameters too, which the function does not pass on.

namespace rill::nn {

/// Checks what `run(inputs)`, which calls `module`, gives as gradients of the module's parameters
/// and of the inputs, as far as they require one. The module is held in float64 and in evaluation
/// meanwhile, the inputs are converted; then all is as before. Messages call a parameter by its
/// name in the module. Throws as `rill::gradcheck` does.
bool gradcheck(const Module& module, const TensorFunction& run, const std::vector<Tensor>& inputs,
               const GradcheckOptions& options = {});
/// The same for gradients of gradients.
bool gradgradcheck(const Module& module, const TensorFunction& run,
                   const std::vector<Tensor>& inputs, const GradcheckOptions& options = {});

/// For a layer of one tensor: checks `layer(x)`.
template <class L>
requires std::is_base_of_v<Module, L>
bool gradcheck(const L& layer, const Tensor& x, const GradcheckOptions& options = {}) {
  return gradcheck(
      layer, [&](const std::vector<Tensor>& in) { return layer(in[0]); }, {x}, options);
}
template <class L>
requires std::is_base_of_v<Module, L>
bool gradgradcheck(const L& layer, const Tensor& x, const GradcheckOptions& options = {}) {
  return gradgradcheck(
      layer, [&](const std::vector<Tensor>& in) { return layer(in[0]); }, {x}, options);
}

}  // namespace rill::nn
