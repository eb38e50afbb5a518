#pragma once

namespace rill::kernels {

/// False for every integer.
template <class T>
constexpr bool is_nan(T x) {
  return x != x;
}

}  // namespace rill::kernels
