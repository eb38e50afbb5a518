#pragma once

// Functions of one float, written without branches so that loops over them become vector code, and
// their double twins from the standard library. For the files of core/kernels/simd only. The
// coefficients are minimax fits; the tests bound the error over the whole range.
#if defined(__FAST_MATH__) || (defined(__FINITE_MATH_ONLY__) && __FINITE_MATH_ONLY__)
#error "rill computes with NaN and infinities, and by rounding: compile it without -ffast-math"
#endif

#include <rill/core/kernels/simd/fma.h>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

namespace rill::kernels::RILL_SIMD_LEVEL {

/// c0 + x (c1 + x (c2 + ...)).
template <class T>
inline T polynomial(T, T c) {
  return c;
}
template <class T, class... Rest>
inline T polynomial(T x, T c, Rest... rest) {
  return fma(x, polynomial(x, rest...), c);
}

/// x, but 0 where it is denormal: for functions of the standard library, which look at its bits.
template <class T>
inline T flushed(T x) {
  return std::fabs(x) < std::numeric_limits<T>::min() ? std::copysign(T(0), x) : x;
}

/// 2ⁿ for n in [-126, 127].
inline float power_of_two(int32_t n) {
  return std::bit_cast<float>((static_cast<uint32_t>(n) + 127u) << 23);
}

/// 2ⁿ for n in [-1022, 1023], given modulo 2⁶⁴.
inline double power_of_two(uint64_t n) { return std::bit_cast<double>((n + 1023u) << 52); }

/// eʳ for r = x - k ln 2, where k = round(x / ln 2).
inline float reduced_exp(float x, float k) {
  const float r = fma(k, 2.12194440e-4f, fma(k, -0.693359375f, x));
  const float tail =
      polynomial(r, 0.5f, 1.666651815e-1f, 4.166620225e-2f, 8.369024843e-3f, 1.395072439e-3f);
  return 1.0f + fma(r * r, tail, r);
}

/// eˣ = 2ᵏ eʳ. The two factors of 2ᵏ let it underflow to zero and overflow to infinity.
inline float vexp(float x) {
  x = x < -104.0f ? -104.0f : x;
  x = x > 89.0f ? 89.0f : x;
  constexpr float shift = 12582912.0f;  // 1.5 · 2²³: adding it rounds to a whole number
  const float shifted = fma(x, 1.44269504f, shift);
  const auto n =
      static_cast<int32_t>(std::bit_cast<uint32_t>(shifted) - std::bit_cast<uint32_t>(shift));
  const int32_t half = n >> 1;
  return reduced_exp(x, shifted - shift) * power_of_two(half) * power_of_two(n - half);
}

/// The same in double: Taylor's series up to the 13th power, whose remainder is under 1e-17.
inline double vexp(double x) {
  x = x < -746.0 ? -746.0 : x;
  x = x > 710.0 ? 710.0 : x;
  constexpr double shift = 6755399441055744.0;  // 1.5 · 2⁵²
  const double shifted = fma(x, 1.4426950408889634074, shift);
  const double k = shifted - shift;
  const double r = fma(k, -1.90821492927058770002e-10, fma(k, -6.93147180369123816490e-1, x));
  const double tail =
      polynomial(r, 0.5, 1.0 / 6, 1.0 / 24, 1.0 / 120, 1.0 / 720, 1.0 / 5040, 1.0 / 40320,
                 1.0 / 362880, 1.0 / 3628800, 1.0 / 39916800, 1.0 / 479001600, 1.0 / 6227020800.0);
  const double half = k * 0.5 + shift;
  const uint64_t first = std::bit_cast<uint64_t>(half) - std::bit_cast<uint64_t>(shift);
  const uint64_t second = std::bit_cast<uint64_t>(shifted) - std::bit_cast<uint64_t>(shift) - first;
  return (1.0 + fma(r * r, tail, r)) * power_of_two(first) * power_of_two(second);
}

/// eˣ for x <= 0 or a little above, in fewer steps: nothing overflows, and with 2³² to keep it away
/// from the denormal numbers one factor is enough for 2ᵏ.
inline float exp_of_negative(float x) {
  x = x < -104.0f ? -104.0f : x;
  constexpr float shift = 12582912.0f + 159.0f;  // its last bits are those of the exponent of 2³²
  const float shifted = fma(x, 1.44269504f, shift);
  const float factor = std::bit_cast<float>(std::bit_cast<uint32_t>(shifted) << 23);
  return reduced_exp(x, shifted - shift) * factor * 0x1p-32f;
}
inline double exp_of_negative(double x) { return vexp(x); }

/// log x = k ln 2 + log m with m in [√½, √2), and log m from atanh's series in (m - 1) / (m + 1).
inline float log(float x) {
  constexpr uint32_t one = 0x3f800000u, root_half = 0x3f3504f3u;
  constexpr float least = 0x1p-126f;  // what is below counts as 0
  const uint32_t bits = std::bit_cast<uint32_t>(x) + (one - root_half);
  const int32_t exponent = static_cast<int32_t>(bits >> 23) - 127;
  const float k = static_cast<float>(exponent);
  const float f = std::bit_cast<float>((bits & 0x007fffffu) + root_half) - 1.0f;
  const float s = f / (2.0f + f);
  const float z = s * s;
  const float series =
      z * polynomial(z, 0.66666662693f, 0.40000972152f, 0.28498786688f, 0.24279078841f);
  const float half_square = 0.5f * f * f;
  const float low = s * (half_square + series) + k * 9.0580006145e-6f;
  const float result = ((low - half_square) + f) + k * 0.69313812256f;
  const float special = x < 0.0f ? NAN : x;  // NaN and +infinity stay
  const float edge = std::fabs(x) < least ? -INFINITY : special;
  return x >= least && x < INFINITY ? result : edge;
}
inline double log(double x) { return std::log(flushed(x)); }

/// log(1 + x): the part of x that 1 + x rounded away is added back.
inline float log1p(float x) {
  const float u = 1.0f + x;
  const float whole = log(u);
  const float result = whole + (x - (u - 1.0f)) / u;
  const float edge = u > 0.0f && u < INFINITY ? result : whole;
  return u == 1.0f ? x : edge;
}
inline double log1p(double x) { return std::log1p(x); }

inline float tanh(float x) {
  const float magnitude = std::fabs(x);
  const float z = x * x;
  const float small = x + x * z *
                              polynomial(z, -3.333328366e-1f, 1.333149076e-1f, -5.374349654e-2f,
                                         2.065057866e-2f, -5.717036780e-3f);
  const float e = exp_of_negative(-2.0f * magnitude);
  const float large = (1.0f - e) / (1.0f + e);
  return std::copysign(magnitude < 0.625f ? small : large, x);
}
inline double tanh(double x) { return std::tanh(x); }

/// erfc(t) · exp(t²) for t >= 0: a polynomial in 1 / (1 + 0.4 t).
inline float scaled_erfc(float t) {
  const float u = 1.0f / (1.0f + 0.4f * t);
  return u * polynomial(u, 2.256758064e-1f, 2.256709188e-1f, 2.078301013e-1f, 1.686031222e-1f,
                        1.412628591e-1f, -5.332364235e-3f, 1.688221544e-1f, -1.827650666e-1f,
                        5.023259297e-2f);
}

inline float erf(float x) {
  const float magnitude = std::fabs(x);
  const float z = x * x;
  const float small =
      x + x * polynomial(z, 1.283791661e-1f, -3.761262596e-1f, 1.128360033e-1f, -2.685444430e-2f,
                         5.189535208e-3f, -8.020841051e-4f, 7.889119297e-5f);
  const float large = 1.0f - scaled_erfc(magnitude) * exp_of_negative(-z);
  return magnitude < 1.0f ? small : std::copysign(large, x);
}
inline double erf(double x) { return std::erf(x); }

/// 1 / (1 + e⁻ˣ), without loss for large -x.
template <class T>
inline T sigmoid(T x) {
  const T e = exp_of_negative(-std::fabs(x));
  return (x < 0 ? e : T(1)) / (T(1) + e);
}

/// log(1 + e) for e in [0, 1]: 2 artanh(s) with s = e / (2 + e) <= 1/3, by its series.
inline float log1p_of_share(float e) {
  const float s = e / (2.0f + e);
  const float z = s * s;
  return 2.0f * s *
         polynomial(z, 1.0f, 1.0f / 3, 1.0f / 5, 1.0f / 7, 1.0f / 9, 1.0f / 11, 1.0f / 13,
                    1.0f / 15);
}
inline double log1p_of_share(double e) { return std::log1p(e); }

/// log(1 + eˣ).
template <class T>
inline T softplus(T x) {
  return (x > 0 ? x : T(0)) + log1p_of_share(exp_of_negative(-std::fabs(x)));
}

/// The normal distribution at x: its share below x, and its density.
template <class T>
struct Normal {
  T cdf, density;
};
inline Normal<float> normal(float x) {
  const float t = std::fabs(x) * 0.707106781f;
  const float e = exp_of_negative(-0.5f * x * x);
  const float tail = 0.5f * scaled_erfc(t) * e;
  return {x < 0.0f ? tail : 1.0f - tail, 0.398942280f * e};
}
inline Normal<double> normal(double x) {
  return {0.5 * std::erfc(-x * 0.70710678118654752440),
          0.39894228040143267794 * std::exp(-0.5 * x * x)};
}

template <class T>
inline T gelu(T x) {
  return x * normal(x).cdf;
}
template <class T>
inline T gelu_slope(T x) {
  const Normal<T> at = normal(x);
  return at.cdf + x * at.density;
}

/// gelu_tanh(x) = x · sigmoid(2z), which is x (1 + tanh z) / 2, with z = √(2/π) (x + 0.044715 x³).
/// Far out, where the cube would overflow, sigmoid has long been 0 or 1.
template <class T>
struct TanhGelu {
  T share, slope_of_2z;
  explicit TanhGelu(T x) {
    x = x < T(-100) ? T(-100) : x;
    x = x > T(100) ? T(100) : x;
    constexpr T twice_root = T(1.59576912160573071176), cubic = T(0.044715);
    share = sigmoid(twice_root * x * (T(1) + cubic * x * x));
    slope_of_2z = twice_root * (T(1) + T(3) * cubic * x * x);
  }
};
template <class T>
inline T gelu_tanh(T x) {
  return x * TanhGelu<T>(x).share;
}
template <class T>
inline T gelu_tanh_slope(T x) {
  const TanhGelu<T> at(x);
  return at.share + x * (at.share * (T(1) - at.share)) * at.slope_of_2z;
}

template <class T>
inline T silu_slope(T x) {
  const T s = sigmoid(x);
  return s * (T(1) + x * (T(1) - s));
}

/// sin(x + quarter · π/2) for |x| < 2²⁸, reduced in double.
inline float sine(float x, uint32_t quarter) {
  constexpr double shift = 6755399441055744.0;  // 1.5 · 2⁵²
  const double wide = x;
  const double shifted = wide * 0.63661977236758134308 + shift;
  const double k = shifted - shift;
  const double r = (wide - k * 1.57079631090164184570) - k * 1.58932547735281966916e-8;
  const double z = r * r;
  const double odd = r + r * z *
                             polynomial(z, -0.166666666416265235595, 0.0083333293858894631756,
                                        -0.000198393348360966317347, 0.0000027183114939898219064);
  const double even = 1.0 + z * polynomial(z, -0.499999997251031003120, 0.0416666233237390631894,
                                           -0.00138867637746099294692, 0.0000243904487962774090654);
  const uint32_t turn = static_cast<uint32_t>(std::bit_cast<uint64_t>(shifted)) + quarter;
  const auto value = static_cast<float>((turn & 1u) != 0 ? even : odd);
  const float zero_kept = quarter == 0 && x == 0.0f ? x : value;
  return (turn & 2u) != 0 ? -zero_kept : zero_kept;
}

}  // namespace rill::kernels::RILL_SIMD_LEVEL
