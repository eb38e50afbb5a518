// Statistics of spans, compiled once for each instruction set.
#include <rill/core/kernels/statistics_table.h>

#include <cmath>
#include <limits>

namespace rill::kernels::RILL_SIMD_LEVEL {
namespace {

constexpr int64_t block_size = 2048;  // few enough for sums in float

/// Sums in T, which is wide enough unless a square overflows.
template <class T, class From>
Statistics of_block(const From* x, int64_t n) {
  constexpr T infinity = std::numeric_limits<T>::infinity();
  T sum = 0, squares = 0, min = infinity, max = -infinity;
  int32_t zeros = 0, finite = 0;
#pragma omp simd reduction(+ : sum, squares, zeros, finite) reduction(min : min) reduction(max : max)
  for (int64_t i = 0; i < n; ++i) {
    const T value = static_cast<T>(x[i]);
    const bool is_finite = std::fabs(value) < infinity;
    const T counted = is_finite ? value : T(0), low = is_finite ? value : infinity,
            high = is_finite ? value : -infinity;
    sum += counted;
    squares += counted * counted;
    min = low < min ? low : min;
    max = high > max ? high : max;
    zeros += value == T(0) ? 1 : 0;
    finite += is_finite ? 1 : 0;
  }
  return {sum, squares, min, max, zeros, finite};
}

Statistics of_next(const double* x, int64_t n) { return of_block<double>(x, n); }
Statistics of_next(const float* x, int64_t n) {
  const Statistics found = of_block<float>(x, n);
  return std::fabs(found.squares) <= std::numeric_limits<double>::max() ? found
                                                                        : of_block<double>(x, n);
}

template <class T>
Statistics statistics_of(const T* x, int64_t n) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  Statistics all{0, 0, infinity, -infinity, 0, 0};
  for (int64_t i = 0; i < n; i += block_size) {
    const Statistics next = of_next(x + i, n - i < block_size ? n - i : block_size);
    all.sum += next.sum;
    all.squares += next.squares;
    all.min = next.min < all.min ? next.min : all.min;
    all.max = next.max > all.max ? next.max : all.max;
    all.zeros += next.zeros;
    all.finite += next.finite;
  }
  return all;
}

}  // namespace

extern const StatisticsTable statistics;
constinit const StatisticsTable statistics = {&statistics_of<float>, &statistics_of<double>};

}  // namespace rill::kernels::RILL_SIMD_LEVEL
