#include <rill/nn/gradcheck.h>

#include <rill/nn/detail/borrowed_in_double.h>

namespace rill::nn {
namespace {

using Checker = bool (*)(const TensorFunction&, const std::vector<Tensor>&,
                         const GradcheckOptions&);

Tensor in_double(const Tensor& input) {
  if (!input.defined() || !is_floating(input.dtype())) return input;
  return input.detach().to(float64).requires_grad_(input.requires_grad());
}

bool check(Checker checker, const Module& module, const TensorFunction& run,
           const std::vector<Tensor>& inputs, GradcheckOptions options) {
  const BorrowedInDouble borrowed(module);
  std::vector<Tensor> all;
  for (size_t i = options.input_names.size(); i < inputs.size(); ++i)
    options.input_names.push_back("input " + std::to_string(i));
  options.input_names.resize(inputs.size());
  for (const Tensor& input : inputs) all.push_back(in_double(input));
  for (const auto& [name, parameter] : module.named_parameters()) {
    options.input_names.push_back("parameter '" + name + "'");
    all.push_back(parameter);
  }
  const auto count = static_cast<int64_t>(inputs.size());
  const auto of_inputs = [&](const std::vector<Tensor>& in) {
    return run({in.begin(), in.begin() + count});
  };
  return checker(of_inputs, all, options);
}

}  // namespace

bool gradcheck(const Module& module, const TensorFunction& run, const std::vector<Tensor>& inputs,
               const GradcheckOptions& options) {
  return check(rill::gradcheck, module, run, inputs, options);
}

bool gradgradcheck(const Module& module, const TensorFunction& run,
                   const std::vector<Tensor>& inputs, const GradcheckOptions& options) {
  return check(rill::gradgradcheck, module, run, inputs, options);
}

}  // namespace rill::nn
