#pragma once

// Functions that loops over arrays are vectorised with. Included by the sources of this folder
// alone, once for each instruction set.

#include <bit>
#include <cstdint>

namespace rill::kernels::RILL_SIMD_LEVEL {

/// eˣ within 1.5 units in the last place: x = n ln 2 + r, |r| <= ln 2 / 2, and 2ⁿ in two factors so
/// that subnormal results and overflow come out right. NaN stays NaN.
inline float vexp(float x) {
  constexpr float magic = 12582912.0f;  // 1.5 · 2²³: adding it rounds to a whole number
  x = x > 89.0f ? 89.0f : x;
  x = x < -104.0f ? -104.0f : x;
  const float shifted = x * 1.44269504088896341f + magic;
  const float n = shifted - magic;
  const float r = (x - n * 0.693359375f) - n * -2.12194440e-4f;
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * (r * r) + r + 1.0f;
  const float half = n * 0.5f + magic;
  const uint32_t n1 = std::bit_cast<uint32_t>(half) - std::bit_cast<uint32_t>(magic);
  const uint32_t n2 = std::bit_cast<uint32_t>(shifted) - std::bit_cast<uint32_t>(magic) - n1;
  return p * std::bit_cast<float>((n1 + 127u) << 23) * std::bit_cast<float>((n2 + 127u) << 23);
}

/// The same in double: the Taylor series to the 13th power, its remainder is under 1e-17.
inline double vexp(double x) {
  constexpr double magic = 6755399441055744.0;  // 1.5 · 2⁵²
  x = x > 710.0 ? 710.0 : x;
  x = x < -746.0 ? -746.0 : x;
  const double shifted = x * 1.4426950408889634074 + magic;
  const double n = shifted - magic;
  const double r = (x - n * 6.93147180369123816490e-01) - n * 1.90821492927058770002e-10;
  double p = 1.0 / 6227020800.0;
  p = p * r + 1.0 / 479001600.0;
  p = p * r + 1.0 / 39916800.0;
  p = p * r + 1.0 / 3628800.0;
  p = p * r + 1.0 / 362880.0;
  p = p * r + 1.0 / 40320.0;
  p = p * r + 1.0 / 5040.0;
  p = p * r + 1.0 / 720.0;
  p = p * r + 1.0 / 120.0;
  p = p * r + 1.0 / 24.0;
  p = p * r + 1.0 / 6.0;
  p = p * r + 0.5;
  p = p * (r * r) + r + 1.0;
  const double half = n * 0.5 + magic;
  const uint64_t n1 = std::bit_cast<uint64_t>(half) - std::bit_cast<uint64_t>(magic);
  const uint64_t n2 = std::bit_cast<uint64_t>(shifted) - std::bit_cast<uint64_t>(magic) - n1;
  return p * std::bit_cast<double>((n1 + 1023u) << 52) * std::bit_cast<double>((n2 + 1023u) << 52);
}

}  // namespace rill::kernels::RILL_SIMD_LEVEL
