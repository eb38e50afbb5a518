#pragma once

#include <cstdint>
#include <type_traits>

namespace rill::kernels {

/// The log Σ exp of a row as two numbers of its type, so that exp((x - high) - low) is exact for
/// large x as well.
template <class T>
struct SplitLse {
  T high, low;
  explicit SplitLse(double lse)
      : high(static_cast<T>(lse)),
        low(lse - lse == 0 ? static_cast<T>(lse - static_cast<double>(high)) : T(0)) {}
};

/// Rows that are worked on together, so that none waits for its own sum.
inline constexpr int64_t rows_at_once = 16;

/// What is done to rows of n elements; the kernels of softmax.h, layer_norm.h and
/// cross_entropy.h are loops over these.
template <class T>
struct RowFunctions {
  T (*max)(int64_t n, const T* x);  // NaN is passed over; -inf for none
  /// out (null: not wanted) = exp(x - shift); returns Σ.
  T (*exp_sum)(int64_t n, const T* x, T shift, T* out);
  void (*scale)(int64_t n, T factor, T* x);
  void (*shift)(int64_t n, const T* x, T by, T* out);  // out = x - by
  void (*softmax_backward)(int64_t n, const T* dout, const T* out, T* dx);
  void (*log_softmax_backward)(int64_t n, const T* dout, const T* out, T* dx);
  /// out = factor · exp((x - high) - low).
  void (*scaled_exp)(int64_t n, const T* x, SplitLse<T> lse, T factor, T* out);
  double (*sum)(int64_t n, const T* x);
  double (*squares)(int64_t n, const T* x, double mean);  // Σ (x - mean)²
  double (*absolutes)(int64_t n, const T* x);
  T (*dot)(int64_t n, const T* a, const T* b);
  /// For each row of x [rows, n], at most rows_at_once of them: mean = Σ x / n, or 0 if not
  /// `centered`, and rstd = 1 / √(Σ (x - mean)² / n + eps).
  void (*moments)(int64_t rows, int64_t n, bool centered, double eps, const T* x, double* mean,
                  double* rstd);
  /// out = (x - mean) · rstd · weight + bias; weight and bias may be null.
  void (*normalize)(int64_t n, const T* x, double mean, double rstd, const T* weight, const T* bias,
                    T* out);
  /// With `centered` as layer_norm_backward, else as rms_norm_backward, for at most rows_at_once
  /// rows of dout, x and dx [rows, n]. mean, dx, dweight and dbias may be null; the last two are
  /// added to.
  void (*normalize_backward)(int64_t rows, int64_t n, bool centered, const T* dout, const T* x,
                             const T* weight, const double* mean, const double* rstd, T* dx,
                             T* dweight, T* dbias);
  void (*add)(int64_t n, const T* x, T* y);  // y += x
  /// y += each of the rows of x, which lie `stride` apart, first to last.
  void (*accumulate)(int64_t rows, int64_t stride, int64_t n, const T* x, double* y);
};

/// The same for both types.
struct RowTable {
  RowFunctions<float> for_float;
  RowFunctions<double> for_double;
  template <class T>
  const RowFunctions<T>& of() const {
    if constexpr (std::is_same_v<T, float>) {
      return for_float;
    } else {
      return for_double;
    }
  }
};

/// The table of the instruction set in use.
const RowTable& row_table();

template <class T>
const RowFunctions<T>& row_functions() {
  return row_table().of<T>();
}

}  // namespace rill::kernels
