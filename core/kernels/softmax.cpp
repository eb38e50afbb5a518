#include <rill/core/kernels/parallel.h>
#include <rill/core/kernels/simd/rows.h>
#include <rill/core/kernels/softmax.h>
#include <cmath>

namespace rill::kernels {
namespace {

// Rows that are worth waking the threads for, at some thousand exponentials a wake.
constexpr int64_t row_grain(int64_t cols) { return pieces_worth_threads(cols, 8192); }

// Calls f(functions, begin of row) for each row.
template <class T, class F>
void for_each_row(int64_t rows, int64_t cols, F f) {
  const RowFunctions<T>& functions = row_functions<T>();
  parallel_for(rows, row_grain(cols), [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) f(functions, row * cols);
  });
}

}  // namespace

template <class T>
void softmax(int64_t rows, int64_t cols, const T* x, T* out) {
  for_each_row<T>(rows, cols, [&](const RowFunctions<T>& f, int64_t at) {
    const T total = f.exp_sum(cols, x + at, f.max(cols, x + at), out + at);
    f.scale(cols, 1 / total, out + at);
  });
}

template <class T>
void log_softmax(int64_t rows, int64_t cols, const T* x, T* out) {
  for_each_row<T>(rows, cols, [&](const RowFunctions<T>& f, int64_t at) {
    const T largest = f.max(cols, x + at);
    const T total = f.exp_sum(cols, x + at, largest, nullptr);
    f.shift(cols, x + at, largest, out + at);
    f.shift(cols, out + at, std::log(total), out + at);
  });
}

template <class T>
void softmax_backward(int64_t rows, int64_t cols, const T* dout, const T* out, T* dx) {
  for_each_row<T>(rows, cols, [&](const RowFunctions<T>& f, int64_t at) {
    f.softmax_backward(cols, dout + at, out + at, dx + at);
  });
}

template <class T>
void log_softmax_backward(int64_t rows, int64_t cols, const T* dout, const T* out, T* dx) {
  for_each_row<T>(rows, cols, [&](const RowFunctions<T>& f, int64_t at) {
    f.log_softmax_backward(cols, dout + at, out + at, dx + at);
  });
}

#define RILL_INSTANTIATE(T)                                                    \
  template void softmax<T>(int64_t, int64_t, const T*, T*);                    \
  template void log_softmax<T>(int64_t, int64_t, const T*, T*);                \
  template void softmax_backward<T>(int64_t, int64_t, const T*, const T*, T*); \
  template void log_softmax_backward<T>(int64_t, int64_t, const T*, const T*, T*);
RILL_INSTANTIATE(float)
RILL_INSTANTIATE(double)
#undef RILL_INSTANTIATE

}  // namespace rill::kernels
