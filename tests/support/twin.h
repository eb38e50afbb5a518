#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <vector>

#include <rill/core/autograd.h>

namespace rill::testing {

/// Expects that the gradients of a fused op are those of its twin, which the engine takes where the
/// backward pass itself is recorded. `inputs` are float64 leaves that want gradients.
inline void expect_kernel_equals_twin(const std::function<Tensor()>& call,
                                      const std::vector<Tensor>& inputs) {
  const Tensor out = call();
  const Tensor cotangent = linspace(-1, 2, out.numel(), out.dtype()).view(out.shape());
  GradOptions options{.grad_outputs = {cotangent}, .retain_graph = true};
  const std::vector<Tensor> by_kernel = grad({out}, inputs, options);
  options.create_graph = true;
  const std::vector<Tensor> by_twin = grad({out}, inputs, options);
  for (size_t i = 0; i < inputs.size(); ++i) {
    EXPECT_FALSE(by_kernel[i].requires_grad());
    const std::vector<double> kernel = by_kernel[i].to_vector(), twin = by_twin[i].to_vector();
    ASSERT_EQ(kernel.size(), twin.size());
    for (size_t j = 0; j < kernel.size(); ++j)
      EXPECT_NEAR(kernel[j], twin[j], 1e-12) << "input " << i << ", element " << j;
  }
}

}  // namespace rill::testing
