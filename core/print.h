#pragma once

#include <concepts>
#include <iosfwd>
#include <vector>

#include <rill/core/state_dict.h>

// Printing of lists of tensors; one tensor, shapes and dtypes print by themselves.

namespace rill {

/// "weight: tensor(...)".
std::ostream& operator<<(std::ostream& out, const NamedTensor& named);
/// As those of a state or of `named_parameters()`: a line or more each.
std::ostream& operator<<(std::ostream& out, const std::vector<NamedTensor>& tensors);

namespace detail {
std::ostream& print(std::ostream& out, const std::vector<Tensor>& tensors);
}
/// What `chunk` or `parameters()` give: a line or more each.
template <std::same_as<std::vector<Tensor>> Tensors>
std::ostream& operator<<(std::ostream& out, const Tensors& tensors) {
  return detail::print(out, tensors);
}

}  // namespace rill
