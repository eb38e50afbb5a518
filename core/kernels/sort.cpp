#include <rill/core/kernels/is_nan.h>
#include <rill/core/kernels/parallel.h>
#include <rill/core/kernels/sort.h>
#include <algorithm>
#include <numeric>
#include <vector>

namespace rill::kernels {
namespace {

template <class T>
bool less(T a, T b) {
  return a < b || (is_nan(b) && !is_nan(a));
}

int64_t row_grain(int64_t cols) { return 2048 / std::max<int64_t>(cols, 1) + 1; }

template <class T>
void take(int64_t count, const T* row, const int64_t* indices, T* values) {
  for (int64_t i = 0; i < count; ++i) values[i] = row[indices[i]];
}

}  // namespace

template <class T>
void sort(int64_t rows, int64_t cols, bool descending, const T* x, T* values, int64_t* indices) {
  parallel_for(Denormals::are_kept, rows, row_grain(cols), [&](int64_t begin, int64_t end) {
    for (int64_t at = begin * cols; at < end * cols; at += cols) {
      const T* row = x + at;
      int64_t* order = indices + at;
      std::iota(order, order + cols, int64_t{0});
      std::stable_sort(order, order + cols, [&](int64_t a, int64_t b) {
        return descending ? less(row[b], row[a]) : less(row[a], row[b]);
      });
      take(cols, row, order, values + at);
    }
  });
}

template <class T>
void topk(int64_t rows, int64_t cols, int64_t k, bool largest, const T* x, T* values,
          int64_t* indices) {
  parallel_for(Denormals::are_kept, rows, row_grain(cols), [&](int64_t begin, int64_t end) {
    std::vector<int64_t> order(static_cast<size_t>(cols));
    for (int64_t r = begin; r < end; ++r) {
      const T* row = x + r * cols;
      std::iota(order.begin(), order.end(), int64_t{0});
      std::partial_sort(order.begin(), order.begin() + k, order.end(), [&](int64_t a, int64_t b) {
        const T& better = largest ? row[b] : row[a];
        const T& worse = largest ? row[a] : row[b];
        if (less(better, worse)) return true;
        return !less(worse, better) && a < b;
      });
      std::copy_n(order.begin(), k, indices + r * k);
      take(k, row, indices + r * k, values + r * k);
    }
  });
}

#define RILL_INSTANTIATE(T)                                              \
  template void sort<T>(int64_t, int64_t, bool, const T*, T*, int64_t*); \
  template void topk<T>(int64_t, int64_t, int64_t, bool, const T*, T*, int64_t*);
RILL_INSTANTIATE(float)
RILL_INSTANTIATE(double)
RILL_INSTANTIATE(int64_t)
RILL_INSTANTIATE(bool)
#undef RILL_INSTANTIATE

}  // namespace rill::kernels
