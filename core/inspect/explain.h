#pragma once

#include <cstdint>
#include <string>

#include <rill/core/tensor.h>

namespace rill::inspect {

struct ExplainOptions {
  /// What the text calls the parameter.
  std::string name = "the parameter";
  /// So many lines at most; what does not fit is counted.
  int64_t lines = 60;
};

/// The chain rule on the way from `loss` back to `parameter`: for each op the formula by which it
/// turns the gradient of its output into that of its input, with the size of that gradient (of one
/// element, its value); where paths join, the summands. A part in which many paths run side by side
/// is folded into a line.
///
/// Runs backward once between the two, and keeps the graph: call it before `loss.backward()`.
/// Throws as `grad` does: for a loss of more than one element, where no graph leads to the
/// parameter, and after a backward that has freed the graph.
std::string explain(const Tensor& loss, const Tensor& parameter,
                    const ExplainOptions& options = {});

}  // namespace rill::inspect
