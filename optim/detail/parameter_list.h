#pragma once

#include <string>
#include <vector>

#include <rill/core/tensor.h>

// What every list of parameters is held to: one pass over all of them would count and write twice
// what stands there twice.

namespace rill::optim::detail {

/// "parameter 3 (float32 [2, 5])", or "parameter 3 (undefined)".
std::string describe(size_t number, const Tensor& parameter);
/// Throws ValueError, saying what it is instead, unless `parameter` is a leaf of floating numbers,
/// row-major. It may be frozen.
void want_parameter(size_t number, const Tensor& parameter);
/// Throws ValueError where all are frozen.
void want_a_gradient(const std::vector<Tensor>& parameters);
/// Whether a step moves it now: it requires a gradient, and has one.
bool is_moved(const Tensor& parameter);
/// Throws ValueError, naming both places, where one tensor stands in the list twice.
void refuse_repeated(const std::vector<Tensor>& parameters);
/// Throws ValueError, naming both places, where two of these row-major tensors share memory; `what`
/// they are called.
void refuse_shared_memory(const char* what, const std::vector<Tensor>& tensors);

}  // namespace rill::optim::detail
