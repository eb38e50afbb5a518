#pragma once

#include <rill/core/tensor.h>

// Gradients of functions with kinks: each is constant in pieces, and takes part of its dout.

namespace rill::detail {

/// dout · share, broadcast, and 0 where the share is 0, even of a dout that is infinite. `share`
/// is a constant.
Tensor take_share(const Tensor& dout, const Tensor& share);

/// `gradient` itself, as what does not change with x but in steps: differentiated once more, it
/// gives x zeros.
Tensor piecewise_constant(const Tensor& gradient, const Tensor& x);

/// What stands in the place of x in the graph and has its shape, without its numbers: for a row
/// that must know of x and needs nothing that x holds. Undefined where x wants no gradient.
Tensor place_of(const Tensor& x);

}  // namespace rill::detail
