// What begins the way back: checks, and a gradient of 1 for the output. The way itself, from row to
// row, is core/backward.h.
#include <rill/core/autograd.h>
#include <rill/core/backward.h>
#include <rill/core/ops.h>

namespace rill {
namespace {

/// The gradient to start from at `output`.
Tensor start_gradient(const Tensor& output, const Tensor& given) {
  if (output.defined()) detail::refuse_if_stale(output);
  if (!output.defined() || !output.requires_grad())
    fail<AutogradError>(
        "no graph leads from the output to a tensor that requires a gradient: "
        "call requires_grad_() on a leaf, and record outside NoGradGuard");
  if (given.defined()) {
    if (given.shape() != output.shape() || given.dtype() != output.dtype())
      fail<ShapeError>("the gradient of an output ", output.dtype(), " ", output.shape(),
                       " must be like it, found ", given.dtype(), " ", given.shape());
    return given;
  }
  if (output.numel() != 1)
    fail<AutogradError>("backward from an output of shape ", output.shape(),
                        " needs its gradient: only an output of one element starts from 1");
  return ones_like(output);
}

std::vector<Tensor> start_gradients(const std::vector<Tensor>& outputs,
                                    const std::vector<Tensor>& given) {
  if (!given.empty() && given.size() != outputs.size())
    fail<AutogradError>("grad: ", outputs.size(), " outputs but ", given.size(), " grad_outputs");
  std::vector<Tensor> starts;
  for (size_t i = 0; i < outputs.size(); ++i)
    starts.push_back(start_gradient(outputs[i], given.empty() ? Tensor() : given[i]));
  return starts;
}

void check_input(const Tensor& input) {
  if (input.defined()) detail::refuse_if_stale(input);
  if (!input.defined() || !input.requires_grad())
    fail<AutogradError>(
        "grad: an input does not require a gradient: call requires_grad_() on it "
        "before the outputs are computed");
}

void check_reached(Backward& walk, const std::vector<Tensor>& inputs) {
  for (size_t i = 0; i < inputs.size(); ++i)
    if (!walk.reaches(inputs[i].grad_fn()))
      fail<AutogradError>("grad: the outputs do not depend on input ", i, " of shape ",
                          inputs[i].shape(),
                          ": pass allow_unused = true to get no gradient for it");
}

/// The gradients in memory of their own: not that of each other, of what the graph keeps, or of a
/// gradient that the walk was given.
std::vector<Tensor> owned(std::vector<Tensor> gradients) {
  for (Tensor& gradient : gradients)
    if (gradient.defined()) gradient = detail::own(std::move(gradient));
  return gradients;
}

}  // namespace

void Tensor::backward(const Tensor& gradient, BackwardOptions options) const {
  std::vector<Tensor> start{start_gradient(*this, gradient)};
  Backward walk(options.create_graph, options.retain_graph);
  walk.collect({*this});
  walk.run(std::move(start));
}

std::vector<Tensor> grad(const std::vector<Tensor>& outputs, const std::vector<Tensor>& inputs,
                         const GradOptions& options) {
  if (inputs.empty()) fail<AutogradError>("grad: no input was named");
  std::vector<Tensor> starts = start_gradients(outputs, options.grad_outputs);
  Backward walk(options.create_graph, options.retain_graph);
  for (const Tensor& input : inputs) {
    check_input(input);
    walk.ask(input.impl()->node);
  }
  walk.collect(outputs);
  if (!options.allow_unused) check_reached(walk, inputs);
  walk.run(std::move(starts));
  return owned(walk.take_found());
}

}  // namespace rill
