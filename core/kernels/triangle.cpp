#include <rill/core/kernels/parallel.h>
#include <rill/core/kernels/triangle.h>
#include <algorithm>

namespace rill::kernels {
namespace {

// Keeps columns [0, i + diagonal] of row i where `lower`, else columns from i + diagonal on.
template <class T>
void triangle(bool lower, int64_t batch, int64_t m, int64_t n, int64_t diagonal, const T* x,
              T* out) {
  const int64_t grain = 32768 / std::max<int64_t>(n, 1) + 1;
  diagonal = std::clamp(diagonal, -m, n);  // what lies beyond makes no difference
  parallel_for(batch * m, grain, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      const T* from = x + row * n;
      T* to = out + row * n;
      const int64_t first_right = row % m + diagonal + (lower ? 1 : 0);
      const int64_t cut = std::clamp<int64_t>(first_right, 0, n);
      if (lower) {
        std::fill(std::copy(from, from + cut, to), to + n, T(0));
      } else {
        std::fill(to, to + cut, T(0));
        std::copy(from + cut, from + n, to + cut);
      }
    }
  });
}

}  // namespace

template <class T>
void tril(int64_t batch, int64_t m, int64_t n, int64_t diagonal, const T* x, T* out) {
  triangle(true, batch, m, n, diagonal, x, out);
}

template <class T>
void triu(int64_t batch, int64_t m, int64_t n, int64_t diagonal, const T* x, T* out) {
  triangle(false, batch, m, n, diagonal, x, out);
}

#define RILL_INSTANTIATE(T)                                                \
  template void tril<T>(int64_t, int64_t, int64_t, int64_t, const T*, T*); \
  template void triu<T>(int64_t, int64_t, int64_t, int64_t, const T*, T*);
RILL_INSTANTIATE(float)
RILL_INSTANTIATE(double)
RILL_INSTANTIATE(int64_t)
RILL_INSTANTIATE(bool)
#undef RILL_INSTANTIATE

}  // namespace rill::kernels
