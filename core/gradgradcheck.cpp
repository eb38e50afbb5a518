#include <rill/core/gradcheck.h>
#include <rill/core/random.h>

namespace rill {
namespace {

/// inputs..., dout... -> the gradients of those inputs that require one.
struct GradientFunction {
  const TensorsFunction& function;
  size_t count;  // of inputs

  std::vector<Tensor> operator()(const std::vector<Tensor>& inputs_and_douts) const {
    const std::vector<Tensor> inputs(inputs_and_douts.begin(),
                                     inputs_and_douts.begin() + static_cast<int64_t>(count));
    return gradients(function(inputs), detail::only_required(inputs), inputs_and_douts);
  }

  std::vector<Tensor> gradients(const std::vector<Tensor>& outputs,
                                const std::vector<Tensor>& wanted,
                                const std::vector<Tensor>& inputs_and_douts) const {
    std::vector<Tensor> recorded, douts;
    for (size_t o = 0; o < outputs.size(); ++o) {
      if (!outputs[o].requires_grad()) continue;
      recorded.push_back(outputs[o]);
      douts.push_back(inputs_and_douts[count + o]);
    }
    std::vector<Tensor> found(wanted.size());
    if (!recorded.empty())
      found = grad(recorded, wanted,
                   {.grad_outputs = douts, .create_graph = true, .allow_unused = true});
    for (size_t i = 0; i < found.size(); ++i)
      if (!found[i].defined()) found[i] = zeros_like(wanted[i]);
    return found;
  }
};

std::vector<Tensor> with_random_douts(const std::vector<Tensor>& inputs,
                                      const std::vector<Tensor>& outputs) {
  std::vector<Tensor> all = inputs;
  Generator generator(0);
  for (const Tensor& out : outputs)
    all.push_back(randn(out.shape(), generator, out.dtype()).requires_grad_());
  return all;
}

/// What `gradgradcheck` looks into: the gradient of whatever made `outputs`.
detail::GradcheckSubject gradient_of(const std::vector<Tensor>& outputs) {
  const std::string op = outputs.empty() ? "nothing" : detail::op_name(outputs[0]);
  return {"gradgradcheck: in the gradient of " + op,
          "; does a row of " + op + " keep a constant(t) that depends on an input?"};
}

}  // namespace

bool gradgradcheck(const TensorsFunction& function, const std::vector<Tensor>& inputs,
                   const GradcheckOptions& options) {
  detail::check_inputs(inputs);
  const std::vector<Tensor> outputs = function(inputs);
  return detail::gradcheck(gradient_of(outputs), GradientFunction{function, inputs.size()},
                           with_random_douts(inputs, outputs), options);
}

bool gradgradcheck(const TensorFunction& function, const std::vector<Tensor>& inputs,
                   const GradcheckOptions& options) {
  const TensorsFunction list = [&](const std::vector<Tensor>& in) {
    return std::vector{function(in)};
  };
  return gradgradcheck(list, inputs, options);
}

}  // namespace rill
