#pragma once

#include <rill/core/shape.h>
#include <algorithm>
#include <array>
#include <cstdint>

namespace rill::kernels {

/// A loop over a shape in row-major order with N strided operands, reduced to as few dims as their
/// strides allow (but at least one).
template <int N>
struct Strided {
  int dims = 0;
  int64_t total = 1;
  std::array<int64_t, max_dims> sizes{};
  std::array<std::array<int64_t, max_dims>, N> strides{};

  Strided(int given, const int64_t* given_sizes,
          const std::array<const int64_t*, N>& given_strides) {
    const bool is_empty = std::find(given_sizes, given_sizes + given, 0) != given_sizes + given;
    for (int d = 0; d < given && !is_empty; ++d) {
      total *= given_sizes[d];
      if (given_sizes[d] != 1) append(given_sizes[d], d, given_strides);
    }
    if (is_empty) total = 0;
    if (dims == 0) {
      sizes[0] = total;
      dims = 1;
    }
  }

  int64_t columns() const { return sizes[static_cast<size_t>(dims - 1)]; }
  int64_t column_stride(int operand) const { return stride(operand, dims - 1); }
  int64_t stride(int operand, int dim) const {
    return strides[static_cast<size_t>(operand)][static_cast<size_t>(dim)];
  }

  /// Where each operand stands at the element of the given number.
  std::array<int64_t, N> offsets(int64_t element) const {
    std::array<int64_t, N> result{};
    for (int d = dims - 1; d >= 0 && element != 0; --d) {
      const int64_t size = sizes[static_cast<size_t>(d)], at = element % size;
      for (int k = 0; k < N; ++k) result[static_cast<size_t>(k)] += at * stride(k, d);
      element /= size;
    }
    return result;
  }

 private:
  // Dim d joins the one before it if, for all operands, a step there is one past this dim's end.
  void append(int64_t size, int d, const std::array<const int64_t*, N>& given) {
    const auto last = static_cast<size_t>(dims - 1);
    const bool joins = dims > 0 && std::all_of(given.begin(), given.end(), [&](const auto& own) {
                         const auto operand = static_cast<size_t>(&own - given.data());
                         return strides[operand][last] == own[d] * size;
                       });
    const size_t at = joins ? last : static_cast<size_t>(dims++);
    sizes[at] = joins ? sizes[at] * size : size;
    for (size_t k = 0; k < N; ++k) strides[k][at] = given[k][d];
  }
};

/// Cuts elements [begin, end) of the loop into blocks of whole rows, or parts of one row, and calls
/// f(rows, columns, first element, offsets of the operands) on each. Rows of a block are one step
/// of the second last dim apart.
template <int N, class F>
void for_blocks(const Strided<N>& loop, int64_t begin, int64_t end, F f) {
  const int64_t columns = loop.columns();
  const int64_t group =
      loop.dims > 1 ? columns * loop.sizes[static_cast<size_t>(loop.dims - 2)] : columns;
  while (begin < end) {
    const int64_t column = begin % columns;
    const int64_t rows_left = (std::min(end, begin - begin % group + group) - begin) / columns;
    const bool whole = column == 0 && rows_left > 0;
    const int64_t rows = whole ? rows_left : 1;
    const int64_t width = whole ? columns : std::min(columns - column, end - begin);
    f(rows, width, begin, loop.offsets(begin));
    begin += rows * width;
  }
}

}  // namespace rill::kernels
