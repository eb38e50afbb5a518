#pragma once

#include <rill/core/tensor.h>

namespace rill::detail {

/// Whether a and b are the same elements of one storage, in the same order.
bool is_same_memory(const Tensor& a, const Tensor& b);
/// Whether several elements of x share one place in memory, as those of an expanded tensor do.
bool overlaps_itself(const Tensor& x);
/// Whether an element of a lies where one of b lies.
bool shares_an_element(const Tensor& a, const Tensor& b);

}  // namespace rill::detail
