#pragma once

#include <optional>
#include <string>
#include <vector>

#include "task.h"

namespace tasks {

/// A tensor that a call left; undefined where there should have been one.
struct Part {
  std::string name;  // "result", "parameter afterwards", "gradient to x"
  rill::Tensor value;
  bool is_gradient = false;
  rill::Tensor before = {};  // what it held, where it was to be written to
};

/// What came of one call.
struct Observation {
  std::vector<Part> parts;
  std::optional<std::string> error = {};  // what it threw
  bool is_done = true;                    // it did not say todo()
  /// The parameter that it wrote to, and should not have.
  std::optional<size_t> changed = {};
};

/// Calls `function` on copies of a case's arguments.
Observation observe(const Task& task, const Function& function, const Case& one);
std::vector<Observation> observe_all(const Task& task, const Function& function);

/// Whether two tensors are the same but for rounding; NaN is NaN.
bool same(const rill::Tensor& a, const rill::Tensor& b);
/// Whether the parts of two are, or both threw the same words.
bool same(const Observation& a, const Observation& b);

}  // namespace tasks
