#include <rill/core/kernels/gather.h>
#include <rill/core/kernels/parallel.h>
#include <rill/core/kernels/wrap.h>
#include <algorithm>

namespace rill::kernels {
namespace {

// The lines of an index along `dim`, and where each begins in arrays of other strides.
struct Lines {
  int dims;
  const int64_t* sizes;
  int dim;

  int64_t count() const {
    int64_t n = 1;
    for (int d = 0; d < dims; ++d) n *= d == dim ? 1 : sizes[d];
    return n;
  }
  int64_t length() const { return dims == 0 ? 1 : sizes[dim]; }

  // The distance along `dim` of an index laid out in order.
  int64_t step() const {
    int64_t n = 1;
    for (int d = dim + 1; d < dims; ++d) n *= sizes[d];
    return n;
  }
  // Where line number `line` begins in an index laid out in order.
  int64_t start(int64_t line) const { return line / step() * step() * length() + line % step(); }

  // Where line number `line` begins in an array of these strides.
  int64_t start(int64_t line, const int64_t* strides) const {
    int64_t offset = 0;
    for (int d = dims - 1; d >= 0; --d) {
      if (d == dim) continue;
      offset += line % sizes[d] * strides[d];
      line /= sizes[d];
    }
    return offset;
  }
};

template <class T>
void add_columns(int64_t inner, int64_t n, const int64_t* index, int64_t begin, int64_t end,
                 const T* source, T* out) {
  for (int64_t i = 0; i < n; ++i) {
    const T* from = source + i * inner;
    T* to = out + index[i] * inner;
    for (int64_t j = begin; j < end; ++j) to[j] = wrapped_sum(to[j], from[j]);
  }
}

}  // namespace

int64_t first_out_of_range(int64_t n, const int64_t* indices, int64_t bound) {
  for (int64_t i = 0; i < n; ++i) {
    if (static_cast<uint64_t>(indices[i]) >= static_cast<uint64_t>(bound)) return i;
  }
  return -1;
}

template <class T>
void index_select(int64_t outer, int64_t size, int64_t inner, const T* x, int64_t n,
                  const int64_t* index, T* out) {
  parallel_for(Denormals::are_kept, outer * n, pieces_worth_threads(inner),
               [&](int64_t begin, int64_t end) {
                 for (int64_t i = begin; i < end; ++i) {
                   std::copy_n(x + (i / n * size + index[i % n]) * inner, inner, out + i * inner);
                 }
               });
}

// Each thread owns columns of the output and goes through the indices in order.
template <class T>
void index_add(int64_t outer, int64_t size, int64_t inner, int64_t n, const int64_t* index,
               const T* source, T* out) {
  constexpr int64_t width = 64;
  const int64_t strips = (inner + width - 1) / width;
  parallel_for(outer * strips, pieces_worth_threads(n * std::min(width, inner)),
               [&](int64_t begin, int64_t end) {
                 for (int64_t i = begin; i < end; ++i) {
                   const int64_t o = i / strips, first = i % strips * width;
                   add_columns(inner, n, index, first, std::min(inner, first + width),
                               source + o * n * inner, out + o * size * inner);
                 }
               });
}

template <class T>
void gather(int dims, const int64_t* sizes, int dim, const T* x, const int64_t* x_strides,
            const int64_t* index, T* out) {
  const Lines lines{dims, sizes, dim};
  const int64_t length = lines.length(), step = lines.step();
  const int64_t stride = dims == 0 ? 0 : x_strides[dim];
  parallel_for(Denormals::are_kept, lines.count(), pieces_worth_threads(length),
               [&](int64_t begin, int64_t end) {
                 for (int64_t line = begin; line < end; ++line) {
                   const T* from = x + lines.start(line, x_strides);
                   const int64_t at = lines.start(line);
                   for (int64_t i = 0; i < length; ++i) {
                     out[at + i * step] = from[index[at + i * step] * stride];
                   }
                 }
               });
}

// Indices of one line reach no other line, so that lines can be added side by side.
template <class T>
void scatter_add(int dims, const int64_t* sizes, int dim, const int64_t* index, const T* source,
                 const int64_t* source_strides, T* out, const int64_t* out_strides) {
  const Lines lines{dims, sizes, dim};
  const int64_t length = lines.length(), step = lines.step();
  const int64_t from_stride = dims == 0 ? 0 : source_strides[dim];
  const int64_t to_stride = dims == 0 ? 0 : out_strides[dim];
  parallel_for(lines.count(), pieces_worth_threads(length), [&](int64_t begin, int64_t end) {
    for (int64_t line = begin; line < end; ++line) {
      const T* from = source + lines.start(line, source_strides);
      T* to = out + lines.start(line, out_strides);
      const int64_t at = lines.start(line);
      for (int64_t i = 0; i < length; ++i) {
        T& place = to[index[at + i * step] * to_stride];
        place = wrapped_sum(place, from[i * from_stride]);
      }
    }
  });
}

void one_hot(int64_t n, int64_t classes, const int64_t* ids, int64_t* out) {
  parallel_for(Denormals::are_kept, n, pieces_worth_threads(classes),
               [&](int64_t begin, int64_t end) {
                 std::fill(out + begin * classes, out + end * classes, int64_t{0});
                 for (int64_t i = begin; i < end; ++i) out[i * classes + ids[i]] = 1;
               });
}

#define RILL_INSTANTIATE_READ(T)                                                                   \
  template void index_select<T>(int64_t, int64_t, int64_t, const T*, int64_t, const int64_t*, T*); \
  template void gather<T>(int, const int64_t*, int, const T*, const int64_t*, const int64_t*, T*);
#define RILL_INSTANTIATE_ADD(T)                                                                    \
  template void index_add<T>(int64_t, int64_t, int64_t, int64_t, const int64_t*, const T*, T*);    \
  template void scatter_add<T>(int, const int64_t*, int, const int64_t*, const T*, const int64_t*, \
                               T*, const int64_t*);
RILL_INSTANTIATE_READ(float)
RILL_INSTANTIATE_READ(double)
RILL_INSTANTIATE_READ(int64_t)
RILL_INSTANTIATE_READ(bool)
RILL_INSTANTIATE_ADD(float)
RILL_INSTANTIATE_ADD(double)
RILL_INSTANTIATE_ADD(int64_t)
#undef RILL_INSTANTIATE_READ
#undef RILL_INSTANTIATE_ADD

}  // namespace rill::kernels
