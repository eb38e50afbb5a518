#include <rill/core/kernels/statistics.h>

#include <algorithm>
#include <limits>

#include <rill/core/kernels/dispatch.h>
#include <rill/core/kernels/parallel.h>

namespace rill::kernels {

RILL_SIMD_PICK(StatisticsTable, statistics)

namespace {

constexpr int64_t grain = 32768;

Statistics of_span(const float* x, int64_t n) { return pick_statistics().of_float(x, n); }
Statistics of_span(const double* x, int64_t n) { return pick_statistics().of_double(x, n); }

Statistics together(const Statistics& a, const Statistics& b) {
  return {a.sum + b.sum,          a.squares + b.squares, std::min(a.min, b.min),
          std::max(a.max, b.max), a.zeros + b.zeros,     a.finite + b.finite};
}

}  // namespace

template <class T>
Statistics statistics(const T* x, int64_t n) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  return parallel_reduce(
      Denormals::are_kept, n, grain, Statistics{0, 0, infinity, -infinity, 0, 0},
      [&](int64_t begin, int64_t end) { return of_span(x + begin, end - begin); }, together);
}
template Statistics statistics<float>(const float*, int64_t);
template Statistics statistics<double>(const double*, int64_t);

}  // namespace rill::kernels
