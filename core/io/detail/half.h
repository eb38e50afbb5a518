#pragma once

#include <bit>
#include <cstdint>

namespace rill::detail {

/// A floating type of 16 bits: a sign, `exponent_bits`, and the others a fraction.
template <int exponent_bits>
struct Half {
  static constexpr int fraction_bits = 15 - exponent_bits;
  static constexpr int bias = (1 << (exponent_bits - 1)) - 1;
  static constexpr uint64_t infinity = ((uint64_t{1} << exponent_bits) - 1) << fraction_bits;

  /// To the nearest, ties to even.
  static uint16_t round(double value) {
    const auto bits = std::bit_cast<uint64_t>(value);
    const auto sign = static_cast<uint16_t>(bits >> 63 << 15);
    return static_cast<uint16_t>(sign | (value != value ? nan(bits) : round_magnitude(bits)));
  }

  static float widen(uint16_t half) {
    const uint32_t sign = static_cast<uint32_t>(half) >> 15 << 31;
    return std::bit_cast<float>(sign | widen_magnitude(half & 0x7fffU));
  }

 private:
  static constexpr int dropped = 52 - fraction_bits;

  static uint64_t nan(uint64_t bits) {
    constexpr uint64_t quiet = uint64_t{1} << (fraction_bits - 1);
    return infinity | quiet | ((bits >> dropped) & (quiet - 1));
  }

  /// Exponent and fraction stand side by side, so that a fraction that is rounded up to a power of
  /// two raises the exponent by itself, from subnormal to normal and to infinity too.
  static uint64_t round_magnitude(uint64_t bits) {
    const int exponent = static_cast<int>((bits >> 52) & 0x7ff) - 1023 + bias;
    const int shift = dropped + (exponent < 1 ? 1 - exponent : 0);
    if (shift > 53) return 0;
    const uint64_t fraction = (bits & ((uint64_t{1} << 52) - 1)) | uint64_t{1} << 52;
    const uint64_t below_half = (uint64_t{1} << (shift - 1)) - 1;
    const uint64_t rounded = (fraction + below_half + ((fraction >> shift) & 1)) >> shift;
    if (exponent < 1) return rounded;
    const uint64_t whole = (static_cast<uint64_t>(exponent - 1) << fraction_bits) + rounded;
    return whole < infinity ? whole : infinity;
  }

  static uint32_t widen_magnitude(uint32_t half) {
    constexpr int wider = 23 - fraction_bits;
    if (half >= infinity) return 0x7f800000U | half << wider;
    if (half >> fraction_bits != 0)
      return (half << wider) + (static_cast<uint32_t>(127 - bias) << 23);
    if constexpr (bias == 127) return half << wider;
    const float unit =
        std::bit_cast<float>(static_cast<uint32_t>(128 - bias - fraction_bits) << 23);
    return std::bit_cast<uint32_t>(static_cast<float>(half) * unit);
  }
};

using Float16 = Half<5>;
using BFloat16 = Half<8>;

}  // namespace rill::detail
