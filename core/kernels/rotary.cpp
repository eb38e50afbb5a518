#include <rill/core/kernels/parallel.h>
#include <rill/core/kernels/rotary.h>
#include <rill/core/kernels/scratch.h>
#include <rill/core/kernels/strided.h>
#include <algorithm>
#include <cmath>
#include <vector>

namespace rill::kernels {
namespace {

// cos [length, pairs], then sin likewise; the angles in double.
template <class T>
Scratch<T> turns(const Rotary& rotary) {
  const int64_t pairs = rotary.dim / 2, n = rotary.length * pairs;
  Scratch<T> room(2 * n);
  T* cosines = room.data();
  std::vector<double> steps;
  for (int64_t i = 0; i < pairs; ++i)
    steps.push_back(
        (rotary.backwards ? -1 : 1) /
        std::pow(rotary.base, static_cast<double>(2 * i) / static_cast<double>(rotary.dim)));
  parallel_for(rotary.length, 512 / (pairs + 1) + 1, [&](int64_t begin, int64_t end) {
    for (int64_t p = begin; p < end; ++p)
      for (int64_t i = 0; i < pairs; ++i) {
        const double angle = static_cast<double>(rotary.offset + p) * steps[static_cast<size_t>(i)];
        cosines[p * pairs + i] = static_cast<T>(std::cos(angle));
        cosines[n + p * pairs + i] = static_cast<T>(std::sin(angle));
      }
  });
  return room;
}

template <class T>
void turn_halves(int64_t pairs, const T* cosine, const T* sine, const T* x, T* out) {
#pragma omp simd
  for (int64_t i = 0; i < pairs; ++i) {
    const T a = x[i], b = x[pairs + i];
    out[i] = a * cosine[i] - b * sine[i];
    out[pairs + i] = b * cosine[i] + a * sine[i];
  }
}

template <class T>
void turn_interleaved(int64_t pairs, const T* cosine, const T* sine, const T* x, T* out) {
#pragma omp simd
  for (int64_t i = 0; i < pairs; ++i) {
    const T a = x[2 * i], b = x[2 * i + 1];
    out[2 * i] = a * cosine[i] - b * sine[i];
    out[2 * i + 1] = b * cosine[i] + a * sine[i];
  }
}

}  // namespace

template <class T>
void rotary(const Rotary& rotary, int dims, const int64_t* sizes, const int64_t* strides,
            const T* x, T* out) {
  const FloatState state(Denormals::are_zero);
  const Strided<1> vectors(dims, sizes, {strides});
  const int64_t pairs = rotary.dim / 2, width = rotary.width;
  const Scratch<T> room = turns<T>(rotary);
  const T* cosines = room.data();
  const T* sines = cosines + rotary.length * pairs;
  const auto turn = rotary.interleaved ? turn_interleaved<T> : turn_halves<T>;
  parallel_for(vectors.total, 16384 / (width + 1) + 1, [&](int64_t begin, int64_t end) {
    for_blocks(vectors, begin, end, [&](int64_t rows, int64_t columns, int64_t first, auto at) {
      for (int64_t i = 0; i < rows * columns; ++i) {
        const int64_t row = i / columns, place = (first + i) % rotary.length * pairs;
        const T* from = x + at[0] + i % columns * vectors.column_stride(0) +
                        (rows > 1 ? row * vectors.stride(0, vectors.dims - 2) : 0);
        T* to = out + (first + i) * width;
        turn(pairs, cosines + place, sines + place, from, to);
        std::copy(from + rotary.dim, from + width, to + rotary.dim);
      }
    });
  });
}

template void rotary<float>(const Rotary&, int, const int64_t*, const int64_t*, const float*,
                            float*);
template void rotary<double>(const Rotary&, int, const int64_t*, const int64_t*, const double*,
                             double*);

}  // namespace rill::kernels
