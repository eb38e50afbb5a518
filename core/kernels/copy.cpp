#include <rill/core/kernels/elementwise.h>
#include <rill/core/kernels/parallel.h>
#include <rill/core/kernels/strided.h>
#include <algorithm>
#include <cstring>
#include <limits>
#include <type_traits>

namespace rill::kernels {
namespace {

template <class To, class From>
To convert(From x) {
  if constexpr (std::is_same_v<To, bool>) {
    return x != From(0);
  } else if constexpr (std::is_same_v<To, int64_t> && std::is_floating_point_v<From>) {
    constexpr From limit = static_cast<From>(9223372036854775808.0);
    return x >= -limit && x < limit ? static_cast<int64_t>(x) : std::numeric_limits<int64_t>::min();
  } else {
    return static_cast<To>(x);
  }
}

template <class From, class To>
void copy_line(int64_t n, const From* source, int64_t step, To* destination, int64_t to_step) {
  if (step == 1 && to_step == 1) {
    if constexpr (std::is_same_v<From, To>) {
      std::memmove(destination, source, static_cast<size_t>(n) * sizeof(To));
    } else {
      for (int64_t i = 0; i < n; ++i) destination[i] = convert<To>(source[i]);
    }
  } else if (step == 0 && to_step == 1) {
    std::fill_n(destination, n, convert<To>(*source));
  } else {
    for (int64_t i = 0; i < n; ++i) destination[i * to_step] = convert<To>(source[i * step]);
  }
}

// Source elements of one column lie side by side, those of one row apart: square blocks keep the
// cache lines of both in use.
template <class From, class To>
void copy_transposed(int64_t rows, int64_t columns, const From* source, int64_t row, int64_t column,
                     To* destination, int64_t to_row) {
  constexpr int64_t block = 16;
  for (int64_t j = 0; j < columns; j += block) {
    const int64_t last = std::min(columns, j + block);
    for (int64_t i = 0; i < rows; ++i) {
      for (int64_t l = j; l < last; ++l) {
        destination[i * to_row + l] = convert<To>(source[i * row + l * column]);
      }
    }
  }
}

template <class From, class To>
void copy_block(int64_t rows, int64_t columns, const From* source, int64_t row, int64_t column,
                To* destination, int64_t to_row, int64_t to_column) {
  constexpr int64_t strip = 64;  // rows whose cache lines are in use at a time
  if (to_column == 1 && column > 1 && rows > 1) {
    for (int64_t i = 0; i < rows; i += strip) {
      copy_transposed(std::min(strip, rows - i), columns, source + i * row, row, column,
                      destination + i * to_row, to_row);
    }
    return;
  }
  for (int64_t i = 0; i < rows; ++i) {
    copy_line(columns, source + i * row, column, destination + i * to_row, to_column);
  }
}

template <class From, class To>
void copy_as(int dims, const int64_t* sizes, Operand source, To* destination,
             const int64_t* destination_strides) {
  const Strided<2> loop(dims, sizes, {source.strides, destination_strides});
  const int second = loop.dims - 2;
  const int64_t row = second >= 0 ? loop.stride(0, second) : 0;
  const int64_t to_row = second >= 0 ? loop.stride(1, second) : 0;
  // As whole numbers they are zero in any case.
  constexpr auto denormals =
      std::is_same_v<To, int64_t> ? Denormals::are_zero : Denormals::are_kept;
  parallel_for(denormals, loop.total, simple_grain, [&](int64_t begin, int64_t end) {
    for_blocks(loop, begin, end, [&](int64_t rows, int64_t columns, int64_t, const auto& offset) {
      copy_block(rows, columns, static_cast<const From*>(source.data) + offset[0], row,
                 loop.column_stride(0), destination + offset[1], to_row, loop.column_stride(1));
    });
  });
}

template <class From>
void copy_from(DType to, int dims, const int64_t* sizes, Operand source, void* destination,
               const int64_t* strides) {
  switch (to) {
    case DType::float32:
      return copy_as<From>(dims, sizes, source, static_cast<float*>(destination), strides);
    case DType::float64:
      return copy_as<From>(dims, sizes, source, static_cast<double*>(destination), strides);
    case DType::int64:
      return copy_as<From>(dims, sizes, source, static_cast<int64_t*>(destination), strides);
    case DType::bool_:
      return copy_as<From>(dims, sizes, source, static_cast<bool*>(destination), strides);
  }
}

}  // namespace

void copy(DType from, DType to, int dims, const int64_t* sizes, Operand source, void* destination,
          const int64_t* strides) {
  switch (from) {
    case DType::float32: return copy_from<float>(to, dims, sizes, source, destination, strides);
    case DType::float64: return copy_from<double>(to, dims, sizes, source, destination, strides);
    case DType::int64: return copy_from<int64_t>(to, dims, sizes, source, destination, strides);
    case DType::bool_: return copy_from<bool>(to, dims, sizes, source, destination, strides);
  }
}

}  // namespace rill::kernels
