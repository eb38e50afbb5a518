#pragma once

#include <cstdint>

namespace rill::kernels {

/// The turns of a rotary position encoding.
struct Rotary {
  /// Positions offset ... offset + length - 1 stand in the second last dim.
  int64_t offset = 0, length = 0;
  /// The vectors' width, and how many of its leading components turn: dim is even.
  int64_t width = 0, dim = 0;
  double base = 10000;
  /// Pairs (2i, 2i + 1), else (i, i + dim / 2).
  bool interleaved = false;
  /// By the negative angle.
  bool backwards = false;
};

/// out [..., length, width] = x with pair i of each vector at position p turned by the angle
/// p · base^(-2i / dim). Both have `dims` leading dims of the given sizes (the last of them is
/// length) and rows without gaps, x_strides and out_strides apart. T is float or double.
template <class T>
void rotary(const Rotary& rotary, int dims, const int64_t* sizes, const int64_t* x_strides,
            const T* x, const int64_t* out_strides, T* out);

}  // namespace rill::kernels
