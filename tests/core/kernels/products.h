#pragma once

#include <rill/core/kernels/gemm.h>
#include <rill/core/kernels/simd/gemm_tile.h>
#include <cstdint>
#include <limits>
#include <tuple>
#include <vector>

#include "tests/core/kernels/simd_levels.h"

namespace rill::kernels {

inline std::vector<float> numbers(int64_t n, uint32_t seed) {
  std::vector<float> out(static_cast<size_t>(n));
  for (float& value : out) {
    seed = seed * 1664525u + 1013904223u;
    value = static_cast<float>(seed >> 8) / 8388608.0f - 1.0f;
  }
  return out;
}

/// m, n, k.
using Shape = std::tuple<int64_t, int64_t, int64_t>;

/// c = 0.5 · op(a) · op(b) + 2 · c + bias, with room between rows; the same numbers for any T.
template <class T>
struct Case {
  Case(const Shape& shape, bool trans_a, bool trans_b, bool with_bias) {
    const auto [m, n, k] = shape;
    const int64_t lda = (trans_a ? m : k) + 3, ldb = (trans_b ? k : n) + 1, ldc = n + 2;
    a = operand(trans_a ? k : m, trans_a ? m : k, lda, 1);
    b = operand(trans_b ? n : k, trans_b ? k : n, ldb, 2);
    c = filled(m * ldc, 3), bias = filled(n, 4);
    product = {trans_a, trans_b,  m,   n, k,        T(0.5), a.data(),
               lda,     b.data(), ldb, 2, c.data(), ldc,    with_bias ? bias.data() : nullptr};
  }
  Case(const Case&) = delete;
  Case& operator=(const Case&) = delete;

  /// Between its rows is NaN, and behind the last one nothing.
  static std::vector<T> operand(int64_t rows, int64_t columns, int64_t ld, uint32_t seed) {
    std::vector<T> out = filled(rows * ld, seed);
    for (size_t i = 0; i < out.size(); ++i)
      if (static_cast<int64_t>(i) % ld >= columns) out[i] = std::numeric_limits<T>::quiet_NaN();
    if (rows > 0) out.resize(static_cast<size_t>((rows - 1) * ld + columns));
    out.shrink_to_fit();
    return out;
  }

  static std::vector<T> filled(int64_t n, uint32_t seed) {
    const std::vector<float> values = numbers(n, seed);
    return {values.begin(), values.end()};
  }

  std::vector<T> a, b, c, bias;
  Product<T> product;
};

template <class T>
void multiply(const Product<T>& p) {
  gemm<T>(p.trans_a, p.trans_b, p.m, p.n, p.k, p.alpha, p.a, p.lda, p.b, p.ldb, p.beta, p.c, p.ldc,
          p.bias);
}

/// The levels at which rill's own kernels multiply.
inline std::vector<SimdLevel> levels_with_kernels() {
  const Settings restore;
  std::vector<SimdLevel> found = levels();
  std::erase_if(found, [](SimdLevel level) {
    set_simd_level(level);
    return !gemm_can_be_cut();
  });
  return found;
}

}  // namespace rill::kernels
