#pragma once

#include <concepts>

#include <rill/core/op.h>

// How gradients flow. An op computes its output and records one row per input: how the gradient of
// the output becomes the gradient of that input (core/op.h). `backward` walks those rows, newest op
// first (core/backward.h): `Tensor::backward` leaves the gradients in `.grad` of the leaves, `grad`
// returns those that it is asked for.

namespace rill {

/// What `grad` may be told.
struct GradOptions {
  /// d(loss)/d(output) for each output; ones for outputs of one element where it is empty.
  std::vector<Tensor> grad_outputs = {};
  /// Keep what the graph holds for another backward; implied by create_graph.
  bool retain_graph = false;
  /// Record the backward pass itself, for gradients of gradients.
  bool create_graph = false;
  /// An input that the outputs do not depend on gets an undefined gradient instead of an error.
  bool allow_unused = false;
};

/// The gradients of `outputs` (summed) with respect to `inputs`, without touching any `.grad`. Each
/// has memory of its own. Only ops between the two take part: what else belongs to the graph may be
/// freed, or be walked by others. Throws AutogradError where no graph leads from the outputs to an
/// input, and where another backward is walking an op that takes part, around this one or on
/// another thread: graphs on several threads may share leaves, but no results of ops.
[[nodiscard]] std::vector<Tensor> grad(const std::vector<Tensor>& outputs,
                                       const std::vector<Tensor>& inputs,
                                       const GradOptions& options = {});
[[nodiscard]] inline std::vector<Tensor> grad(const Tensor& output,
                                              const std::vector<Tensor>& inputs,
                                              const GradOptions& options = {}) {
  return grad(std::vector<Tensor>{output}, inputs, options);
}
/// A list of one gradient, which may be used as that: `const Tensor g = grad(y, x)`, `grad(y,
/// x)[0]`.
struct [[nodiscard]] OneGradient final : std::vector<Tensor> {
  using std::vector<Tensor>::vector;
  operator Tensor() const { return front(); }  // no reference: it would outlive what it refers to
};
template <std::same_as<Tensor> Output, std::same_as<Tensor> Input>
OneGradient grad(const Output& output, const Input& input, const GradOptions& options = {}) {
  return {grad(std::vector<Tensor>{output}, std::vector<Tensor>{input}, options)[0]};
}

/// As PyTorch calls it: autograd::grad.
namespace autograd {
using rill::grad;
}

/// `gradient` summed over the dimensions that broadcasting added or stretched, back to `shape`:
/// the gradient of a bias is a sum over the batch.
Tensor sum_to(const Tensor& gradient, const Shape& shape);

}  // namespace rill
