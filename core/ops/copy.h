#pragma once

#include <rill/core/kernels/elementwise.h>
#include <rill/core/tensor.h>

// Moving numbers between tensors, outside the graph: what copies, joins and in-place ops share.

namespace rill::detail {

/// Where the numbers of x lie, for a kernel that runs over x's own sizes.
inline kernels::Operand operand_of(const Tensor& x) { return {x.raw_data(), x.strides().data()}; }

/// The elements of x in row-major order, converted to the dtype of `out`, which is contiguous, has
/// as many elements and may have another shape.
void copy_in_order(const Tensor& x, const Tensor& out);

/// destination = source; shapes equal, any strides and dtypes.
void copy_into(const Tensor& destination, const Tensor& source);

/// x seen with `sizes` that it broadcasts to; outside the graph. Throws ShapeError.
Tensor broadcast_view(const Tensor& x, const Shape& sizes);

/// x seen from the last element along each of `dims`, counted from the front, to the first; outside
/// the graph.
Tensor reversed(const Tensor& x, const Shape& dims);

/// A row-major copy of the numbers of x; outside the graph.
Tensor row_major_copy(const Tensor& x);

}  // namespace rill::detail
