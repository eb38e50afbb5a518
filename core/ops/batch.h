#pragma once

#include <vector>

#include <rill/core/tensor.h>

// Tensors [..., M, N] as batches of matrices: the leading dimensions count the matrices.

namespace rill::detail {

/// The sizes before the last two.
Shape batch_sizes(const Tensor& x);

/// Where each matrix of `x` begins, in elements from the first, when the leading dimensions of `x`
/// are broadcast to `batch`; in row-major order of `batch`.
std::vector<int64_t> batch_offsets(const Tensor& x, const Shape& batch);

/// Whether the rows of all matrices of `x` lie `distance` apart, so that they form one matrix.
bool is_one_matrix(const Tensor& x, int64_t distance);

/// x [..., N] as one matrix [..., N]: all its rows under one another.
Tensor as_matrix(const Tensor& x);

}  // namespace rill::detail
