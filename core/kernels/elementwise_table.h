#pragma once

#include <rill/core/kernels/elementwise.h>
#include <array>
#include <cstddef>

namespace rill::kernels {

/// An input of a block of rows: where it begins, and the elements between rows and columns.
struct Lines {
  const void* data;
  int64_t row, column;
};

inline constexpr size_t dtype_count = 4;
inline constexpr size_t unary_count = static_cast<size_t>(Unary::logical_not) + 1;
inline constexpr size_t binary_count = static_cast<size_t>(Binary::softplus_grad) + 1;

/// The kernels of one instruction set, by dtype and op; null where an op does not take a dtype.
/// Each works on a block of rows x columns, whose output is contiguous.
struct ElementwiseTable {
  using UnaryKernel = void (*)(int64_t rows, int64_t columns, Lines x, void* out);
  using BinaryKernel = void (*)(int64_t rows, int64_t columns, Lines a, Lines b, void* out);
  using WhereKernel = void (*)(int64_t rows, int64_t columns, Lines condition, Lines a, Lines b,
                               void* out);
  using ClampKernel = void (*)(int64_t n, const void* low, const void* high, const void* x,
                               void* out);
  using ClampGradKernel = void (*)(int64_t n, double low, double high, const void* dout,
                                   const void* x, void* out);
  using AxpyKernel = void (*)(int64_t n, double alpha, const void* x, void* y);

  std::array<std::array<UnaryKernel, unary_count>, dtype_count> unary;
  std::array<std::array<BinaryKernel, binary_count>, dtype_count> binary;
  std::array<std::array<BinaryKernel, 6>, dtype_count> compare;
  std::array<BinaryKernel, 3> logical;
  std::array<WhereKernel, dtype_count> where;
  std::array<ClampKernel, dtype_count> clamp;
  std::array<ClampGradKernel, dtype_count> clamp_grad;
  std::array<AxpyKernel, dtype_count> axpy;
};

}  // namespace rill::kernels
