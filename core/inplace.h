#pragma once

#include <rill/core/tensor.h>

// Writing to a tensor in place: the only code that raises versions, so that backward can tell when
// a kept input is stale. All are methods of Tensor (`x.add_(y)`) and return x; others, as
// `x.exp_()`, are `x.copy_(x.exp())`. Refused, with
// AutogradError: a leaf that requires a gradient (unless under NoGradGuard), and a view or a
// detached tensor that would need one; with DTypeError: a write that wants a gradient into whole
// numbers; with ShapeError: overlapping memory (an expanded tensor), and a source that does not
// broadcast to x, or shares part of its memory.

namespace rill {

const Tensor& zero_(const Tensor& x);
const Tensor& fill_(const Tensor& x, double value);
/// x = source, broadcast and converted to x's dtype.
const Tensor& copy_(const Tensor& x, const Tensor& source);
/// x += alpha · other.
const Tensor& add_(const Tensor& x, const Tensor& other, double alpha = 1);
const Tensor& sub_(const Tensor& x, const Tensor& other);
const Tensor& mul_(const Tensor& x, const Tensor& other);
const Tensor& div_(const Tensor& x, const Tensor& other);

namespace detail {
/// Marks that x's storage was written to outside the graph (by an optimizer's kernel, by an
/// initialiser): refuses what in-place ops refuse, then raises the version.
void begin_write(const Tensor& x);
/// x, or where ops on it are recorded a copy that has its place in the graph: for an op whose
/// output is then written to x, and which may have kept its input.
Tensor as_before_write(const Tensor& x);
}  // namespace detail

}  // namespace rill
