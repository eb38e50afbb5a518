#pragma once

#include <vector>

#include <rill/core/tensor.h>

// What every list of parameters is held to: one pass over all of them would count and write twice
// what stands there twice.

namespace rill::optim::detail {

/// Throws ValueError, naming both places, where one tensor stands in the list twice.
void refuse_repeated(const std::vector<Tensor>& parameters);
/// Throws ValueError, naming both places, where two of these row-major tensors share memory; `what`
/// they are called.
void refuse_shared_memory(const char* what, const std::vector<Tensor>& tensors);

}  // namespace rill::optim::detail
