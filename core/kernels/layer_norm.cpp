#include <rill/core/kernels/layer_norm.h>
#include <rill/core/kernels/parallel.h>
#include <rill/core/kernels/scratch.h>
#include <rill/core/kernels/simd/rows.h>
#include <algorithm>
#include <cmath>

namespace rill::kernels {
namespace {

// Calls f(first row, how many) for groups of the rows [begin, end) that stay in the nearest cache.
template <class F>
void for_groups(int64_t begin, int64_t end, int64_t cols, F f) {
  const int64_t group = std::min(pieces_worth_threads(cols), rows_at_once);
  for (int64_t first = begin; first < end; first += group) f(first, std::min(group, end - first));
}

// Both norms: without `centered` the mean counts as 0.
template <class T>
void norm(int64_t rows, int64_t cols, bool centered, double eps, const T* x, const T* weight,
          const T* bias, T* out, double* mean, double* rstd) {
  const RowFunctions<T>& f = row_functions<T>();
  parallel_for(rows, pieces_worth_threads(cols), [&](int64_t begin, int64_t end) {
    for_groups(begin, end, cols, [&](int64_t first, int64_t count) {
      double m[rows_at_once], r[rows_at_once];
      f.moments(count, cols, centered, eps, x + first * cols, m, r);
      for (int64_t i = 0; i < count; ++i) {
        const int64_t at = (first + i) * cols;
        f.normalize(cols, x + at, m[i], r[i], weight, bias, out + at);
      }
      if (mean) std::copy_n(m, count, mean + first);
      if (rstd) std::copy_n(r, count, rstd + first);
    });
  });
}

// out = Σ of `count` rows of partial sums that lie `stride` apart.
template <class T>
void combine(int64_t count, int64_t stride, int64_t cols, const T* parts, T* out) {
  if (!out) return;
  const Scratch<double> room(cols);
  double* totals = room.data();
  std::fill_n(totals, cols, 0.0);
  row_functions<T>().accumulate(count, stride, cols, parts, totals);
  std::transform(totals, totals + cols, out, [](double total) { return static_cast<T>(total); });
}

// Each chunk of rows adds its share of dweight and dbias to rows of its own, which are then summed
// in order.
template <class T>
void norm_backward(int64_t rows, int64_t cols, bool centered, const T* dout, const T* x,
                   const T* weight, const double* mean, const double* rstd, T* dx, T* dweight,
                   T* dbias) {
  const FloatState state(Denormals::are_zero);
  const RowFunctions<T>& f = row_functions<T>();
  const int64_t chunk = std::max<int64_t>(1, chunk_size(rows, pieces_worth_threads(cols)));
  const int64_t chunks = (rows + chunk - 1) / chunk;
  const Scratch<T> room(chunks * 2 * cols);
  T* parts = room.data();
  parallel_for(rows, pieces_worth_threads(cols), [&](int64_t begin, int64_t end) {
    T* part = parts + begin / chunk * 2 * cols;
    std::fill_n(part, 2 * cols, T(0));
    for_groups(begin, end, cols, [&](int64_t first, int64_t count) {
      const int64_t at = first * cols;
      f.normalize_backward(count, cols, centered, dout + at, x + at, weight,
                           mean ? mean + first : nullptr, rstd + first, dx ? dx + at : nullptr,
                           dweight ? part : nullptr, dbias ? part + cols : nullptr);
    });
  });
  combine(chunks, 2 * cols, cols, parts, dweight);
  combine(chunks, 2 * cols, cols, parts + cols, dbias);
}

}  // namespace

template <class T>
void layer_norm(int64_t rows, int64_t cols, double eps, const T* x, const T* weight, const T* bias,
                T* out, double* mean, double* rstd) {
  norm(rows, cols, true, eps, x, weight, bias, out, mean, rstd);
}

template <class T>
void layer_norm_backward(int64_t rows, int64_t cols, const T* dout, const T* x, const T* weight,
                         const double* mean, const double* rstd, T* dx, T* dweight, T* dbias) {
  norm_backward(rows, cols, true, dout, x, weight, mean, rstd, dx, dweight, dbias);
}

template <class T>
void rms_norm(int64_t rows, int64_t cols, double eps, const T* x, const T* weight, T* out,
              double* rstd) {
  norm<T>(rows, cols, false, eps, x, weight, nullptr, out, nullptr, rstd);
}

template <class T>
void rms_norm_backward(int64_t rows, int64_t cols, const T* dout, const T* x, const T* weight,
                       const double* rstd, T* dx, T* dweight) {
  norm_backward<T>(rows, cols, false, dout, x, weight, nullptr, rstd, dx, dweight, nullptr);
}

#define RILL_INSTANTIATE(T)                                                                        \
  template void layer_norm<T>(int64_t, int64_t, double, const T*, const T*, const T*, T*, double*, \
                              double*);                                                            \
  template void layer_norm_backward<T>(int64_t, int64_t, const T*, const T*, const T*,             \
                                       const double*, const double*, T*, T*, T*);                  \
  template void rms_norm<T>(int64_t, int64_t, double, const T*, const T*, T*, double*);            \
  template void rms_norm_backward<T>(int64_t, int64_t, const T*, const T*, const T*,               \
                                     const double*, T*, T*);
RILL_INSTANTIATE(float)
RILL_INSTANTIATE(double)
#undef RILL_INSTANTIATE

}  // namespace rill::kernels
