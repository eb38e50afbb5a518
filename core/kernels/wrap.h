#pragma once

#include <type_traits>

namespace rill::kernels {

/// a + b; whole numbers wrap around at their ends.
template <class T>
constexpr T wrapped_sum(T a, T b) {
  if constexpr (std::is_integral_v<T>) {
    using Bits = std::make_unsigned_t<T>;
    return static_cast<T>(static_cast<Bits>(a) + static_cast<Bits>(b));
  } else {
    return a + b;
  }
}

}  // namespace rill::kernels
