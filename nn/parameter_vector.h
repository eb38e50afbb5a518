#pragma once

#include <vector>

#include <rill/core/tensor.h>

namespace rill::nn::utils {

/// The elements of all parameters, one after the other: [count].
Tensor parameters_to_vector(const std::vector<Tensor>& parameters);
/// Writes such a vector back into them, outside the graph. Throws ShapeError for another count.
void vector_to_parameters(const Tensor& vector, const std::vector<Tensor>& parameters);

}  // namespace rill::nn::utils
