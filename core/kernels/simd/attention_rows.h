#pragma once

#include <cstdint>
#include <type_traits>

namespace rill::kernels {

/// What attention does to rows of n scores.
template <class T>
struct AttentionRows {
  /// False where any of rows · n elements is NaN or infinite; rows begin `stride` apart.
  bool (*finite)(int64_t rows, int64_t n, const T* x, int64_t stride);
  /// s += -inf where not allowed, or += added; the masks' neighbours are `col` apart.
  void (*mask)(int64_t n, const bool* allowed, const T* added, int64_t col, T* s);
  /// Row i of s [rows, n] becomes `value` from its element min(length + i · step, longest) on; n is
  /// a multiple of 16.
  void (*fill_behind)(int64_t rows, int64_t n, int64_t length, int64_t step, int64_t longest,
                      T value, T* s);
  /// s = exp(s - largest) · keep (null for ones) for each row of s and keep [rows, n], with the
  /// largest of the row; sum = Σ exp(s - largest). A row of -inf gives zeros and the sum 1.
  void (*softmax)(int64_t rows, int64_t n, const T* keep, T* s, T* largest, T* sum);
  /// For each of n rows lse = largest + log(sum), if it is not null, and sum becomes 1 / sum.
  void (*normalizers)(int64_t n, const T* largest, T* sum, double* lse);
  /// With p = exp(s - lse): s = p · keep, dp = p · (dp · keep - delta), for each row of s, dp and
  /// keep (null for ones) [rows, n], lse and delta [rows].
  void (*gradient)(int64_t rows, int64_t n, const T* keep, const double* lse, const T* delta, T* s,
                   T* dp);
  /// keep = 0 with the given probability, else 1 / (1 - probability), from the blocks of random
  /// numbers that begin at `block`: element j reads word j / 16 % 4 of block j / 64 · 16 + j % 16.
  /// keep has room for n rounded up to 64.
  void (*keep)(int64_t n, uint64_t key, uint64_t block, double probability, T* keep);
  /// out [rows] = Σ a · b of each row of a and b [rows, n].
  void (*dots)(int64_t rows, int64_t n, const T* a, int64_t stride_a, const T* b, int64_t stride_b,
               T* out);
  /// Row i of x [rows, n], rows `stride` apart, is multiplied by factors[i].
  void (*scale)(int64_t rows, int64_t n, const T* factors, T* x, int64_t stride);
};

/// The same for both types.
struct AttentionTable {
  AttentionRows<float> for_float;
  AttentionRows<double> for_double;
  template <class T>
  const AttentionRows<T>& of() const {
    if constexpr (std::is_same_v<T, float>) {
      return for_float;
    } else {
      return for_double;
    }
  }
};

}  // namespace rill::kernels
