#include <rill/core/kernels/simd/attention_rows.h>
#include <rill/core/kernels/simd/math.h>
#include <rill/core/kernels/simd/philox.h>
#include <rill/core/kernels/simd/sum.h>
#include <cmath>
#include <limits>

namespace rill::kernels::RILL_SIMD_LEVEL {
namespace {

template <class T>
constexpr T infinity = std::numeric_limits<T>::infinity();

// x · 0 is NaN where x is NaN or infinite. The rows are far away, since nobody has read them yet.
// All share the sums: with little to do for each, many are fetched at once. What lies behind a row
// is the next head's, where heads lie side by side, and is fetched for it.
template <class T>
bool finite(int64_t rows, int64_t n, const T* x, int64_t stride) {
  constexpr int lanes = LaneSums<T>::lanes;
  LaneSums<T> zeros{};
  const int64_t whole = n / lanes * lanes;
  for (int64_t i = 0; i < rows; ++i, x += stride) {
    for (int64_t j = 0; j < whole; j += lanes) {
      __builtin_prefetch(x + n + j);
#pragma omp simd
      for (int v = 0; v < lanes; ++v) zeros.lane[v] += x[j + v] * 0;
    }
    for (int64_t j = whole; j < n; ++j) zeros.lane[0] += x[j] * 0;
  }
  return sum_of(zeros) == 0;
}

template <class T>
void mask(int64_t n, const bool* allowed, const T* added, int64_t col, T* s) {
  // g++ makes no vectors of bool.
  const auto* allowed_bytes = reinterpret_cast<const unsigned char*>(allowed);
  if (allowed && col == 1) {
#pragma omp simd
    for (int64_t j = 0; j < n; ++j) s[j] += allowed_bytes[j] != 0 ? T(0) : -infinity<T>;
  } else if (allowed) {
    for (int64_t j = 0; j < n; ++j) s[j] += allowed_bytes[j * col] != 0 ? T(0) : -infinity<T>;
  } else if (added && col == 1) {
#pragma omp simd
    for (int64_t j = 0; j < n; ++j) s[j] += added[j];
  } else if (added) {
    for (int64_t j = 0; j < n; ++j) s[j] += added[j * col];
  }
}

template <class T>
void fill_behind(int64_t rows, int64_t n, int64_t length, int64_t step, int64_t longest, T value,
                 T* s) {
  constexpr int lanes = 16;
  for (int64_t i = 0; i < rows; ++i, s += n, length += step) {
    const int64_t end = length < 0 ? 0 : length < longest ? length : longest;
    for (int64_t j = end / lanes * lanes; j < n; j += lanes) {
      const int kept = static_cast<int>(end - j);
#pragma omp simd
      for (int v = 0; v < lanes; ++v) s[j + v] = v < kept ? s[j + v] : value;
    }
  }
}

template <class T>
T largest_of(int64_t n, const T* s) {
  T result = -infinity<T>;
#pragma omp simd reduction(max : result)
  for (int64_t j = 0; j < n; ++j) result = s[j] > result ? s[j] : result;
  return result;
}

// A few rows at a time, since each would wait for its largest element and for its sum.
template <class T>
void softmax(int64_t rows, int64_t n, const T* keep, T* s, T* largest, T* sum) {
  constexpr int64_t at_once = 16;
  LaneSums<T> sums[at_once];
  for (int64_t first = 0; first < rows; first += at_once) {
    const int64_t end = first + at_once < rows ? first + at_once : rows;
    for (int64_t i = first; i < end; ++i) largest[i] = largest_of(n, s + i * n);
    for (int64_t i = first; i < end; ++i) {
      T* row = s + i * n;
      const T shift = largest[i] == -infinity<T> ? T(0) : largest[i];
      sum_by_lane(
          n, [=](int64_t j) { return row[j] = exp_of_negative(row[j] - shift); }, sums[i - first]);
    }
    for (int64_t i = first; i < end; ++i) {
      const T total = sum_of(sums[i - first]);
      sum[i] = total == 0 ? T(1) : total;
    }
  }
  if (!keep) return;
#pragma omp simd
  for (int64_t j = 0; j < rows * n; ++j) s[j] *= keep[j];
}

template <class T>
void normalizers(int64_t n, const T* largest, T* sum, double* lse) {
  if (lse) {
#pragma omp simd
    for (int64_t i = 0; i < n; ++i)
      lse[i] = static_cast<double>(largest[i]) + static_cast<double>(log(sum[i]));
  }
#pragma omp simd
  for (int64_t i = 0; i < n; ++i) sum[i] = 1 / sum[i];
}

// Keep is a function: of the element to what it is kept with.
template <class T, class Keep>
void gradient_row(int64_t n, Keep keep, double lse, T delta, T* s, T* dp) {
  if (lse == -infinity<double>) {
    for (int64_t j = 0; j < n; ++j) s[j] = dp[j] = 0;
    return;
  }
  const T high = static_cast<T>(lse);
  const T low = static_cast<T>(lse - static_cast<double>(high));
#pragma omp simd
  for (int64_t j = 0; j < n; ++j) {
    const T p = exp_of_negative((s[j] - high) - low);
    s[j] = p * keep(j);
    dp[j] = p * (dp[j] * keep(j) - delta);
  }
}

template <class T>
void gradient(int64_t rows, int64_t n, const T* keep, const double* lse, const T* delta, T* s,
              T* dp) {
  for (int64_t i = 0; i < rows; ++i, s += n, dp += n) {
    if (keep)
      gradient_row(
          n, [=](int64_t j) { return keep[i * n + j]; }, lse[i], delta[i], s, dp);
    else
      gradient_row(
          n, [](int64_t) { return T(1); }, lse[i], delta[i], s, dp);
  }
}

template <class T>
void keep(int64_t n, uint64_t key, uint64_t block, double probability, T* keep) {
  const uint32_t threshold = static_cast<uint32_t>(std::lround(probability * 16777216.0));
  const T kept = static_cast<T>(1 / (1 - probability));
  constexpr int count = 4 * philox_lanes;
  uint32_t words[count];
  for (int64_t j = 0; j < n; j += count, block += philox_lanes) {
    philox_words(key, block, 0, words);
    T* out = keep + j;
#pragma omp simd
    for (int i = 0; i < count; ++i) out[i] = (words[i] >> 8) < threshold ? T(0) : kept;
  }
}

template <class T>
void dots(int64_t rows, int64_t n, const T* a, int64_t stride_a, const T* b, int64_t stride_b,
          T* out) {
  for (int64_t i = 0; i < rows; ++i, a += stride_a, b += stride_b)
    out[i] = sum_over<T>(n, [=](int64_t j) { return a[j] * b[j]; });
}

template <class T>
void scale(int64_t rows, int64_t n, const T* factors, T* x, int64_t stride) {
  for (int64_t i = 0; i < rows; ++i, x += stride) {
    const T factor = factors[i];
#pragma omp simd
    for (int64_t j = 0; j < n; ++j) x[j] *= factor;
  }
}

template <class T>
constexpr AttentionRows<T> functions = {finite<T>,  mask<T>,        fill_behind<T>,
                                        softmax<T>, normalizers<T>, gradient<T>,
                                        keep<T>,    dots<T>,        scale<T>};

}  // namespace

extern const AttentionTable attention_rows;
const AttentionTable attention_rows = {functions<float>, functions<double>};

}  // namespace rill::kernels::RILL_SIMD_LEVEL
