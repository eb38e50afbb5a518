#pragma once

#include <functional>
#include <string>
#include <vector>

#include <rill/core/tensor.h>

namespace rill::testing {

/// A way in which a tensor can lie in memory.
struct Layout {
  std::string name;
  /// A view of the shape and dtype of x that lies so, undefined where x has no such view. Its
  /// numbers are some of those of x, and the same whenever it is called; what lies between them in
  /// memory, where that is not x's own, is poison that any result would show.
  std::function<Tensor(const Tensor& x)> view;
};

/// Expanded along each dimension and along all, overlapping, transposed in several ways, sliced,
/// and with strides that say nothing where a size is 1. None of them is row-major.
const std::vector<Layout>& layouts();

}  // namespace rill::testing
