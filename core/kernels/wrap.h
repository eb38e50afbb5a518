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

/// a · b, which wraps around likewise: of sizes of which one is 0 the product is 0, whatever the
/// others come to.
template <class T>
constexpr T wrapped_product(T a, T b) {
  static_assert(std::is_integral_v<T> && sizeof(T) >= sizeof(int));
  using Bits = std::make_unsigned_t<T>;
  return static_cast<T>(static_cast<Bits>(a) * static_cast<Bits>(b));
}

}  // namespace rill::kernels
