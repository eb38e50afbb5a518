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
void rotary(const Rotary& rotary, int dims, const int64_t* sizes, const int64_t* x_strides,
            const T* x, const int64_t* out_strides, T* out) {
  const FloatState state(Denormals::are_zero);
  const Strided<2> vectors(dims, sizes, {x_strides, out_strides});
  const int64_t pairs = rotary.dim / 2, width = rotary.width;
  const Scratch<T> room = turns<T>(rotary);
  const T* cosines = room.data();
  const T* sines = cosines + rotary.length * pairs;
  const auto turn = rotary.interleaved ? turn_interleaved<T> : turn_halves<T>;
  parallel_for(vectors.total, 16384 / (width + 1) + 1, [&](int64_t begin, int64_t end) {
    for_blocks(vectors, begin, end, [&](int64_t rows, int64_t columns, int64_t first, auto at) {
      const auto vector = [&](int operand, int64_t i) {
        return at[operand] + i % columns * vectors.column_stride(operand) +
               (rows > 1 ? i / columns * vectors.stride(operand, vectors.dims - 2) : 0);
      };
      for (int64_t i = 0; i < rows * columns; ++i) {
        const int64_t place = (first + i) % rotary.length * pairs;
        const T* from = x + vector(0, i);
        T* to = out + vector(1, i);
        turn(pairs, cosines + place, sines + place, from, to);
        std::copy(from + rotary.dim, from + width, to + rotary.dim);
      }
    });
  });
}

template void rotary<float>(const Rotary&, int, const int64_t*, const int64_t*, const float*,
                            const int64_t*, float*);
template void rotary<double>(const Rotary&, int, const int64_t*, const int64_t*, const double*,
                             const int64_t*, double*);

}  // namespace rill::kernels
