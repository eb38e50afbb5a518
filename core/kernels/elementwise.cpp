#include <rill/core/error.h>
#include <rill/core/kernels/dispatch.h>
#include <rill/core/kernels/elementwise.h>
#include <rill/core/kernels/elementwise_table.h>
#include <rill/core/kernels/parallel.h>
#include <rill/core/kernels/strided.h>
#include <algorithm>
#include <cstddef>
#include <type_traits>

namespace rill::kernels {

RILL_SIMD_PICK(ElementwiseTable, elementwise)

namespace {

constexpr int64_t costly_grain = 4096;  // for exp and its like

template <class Enum>
constexpr size_t index(Enum value) {
  return static_cast<size_t>(value);
}

const std::byte* at(const void* data, int64_t elements, DType dtype) {
  return static_cast<const std::byte*>(data) + elements * static_cast<int64_t>(size_of(dtype));
}
std::byte* at(void* data, int64_t elements, DType dtype) {
  return static_cast<std::byte*>(data) + elements * static_cast<int64_t>(size_of(dtype));
}

template <class Kernel>
Kernel known(Kernel kernel, const char* what, DType dtype) {
  if (kernel == nullptr) fail<DTypeError>(what, ": there is no such kernel for ", dtype);
  return kernel;
}

int64_t grain(Unary op, DType dtype) {
  switch (op) {
    case Unary::neg:
    case Unary::sqrt:
    case Unary::relu:
    case Unary::abs:
    case Unary::sign:
    case Unary::floor:
    case Unary::ceil:
    case Unary::round:
    case Unary::reciprocal:
    case Unary::square:
    case Unary::cube:
    case Unary::logical_not: return simple_grain;
    default: return dtype == DType::float64 ? costly_grain / 4 : costly_grain;
  }
}

int64_t grain(Binary op, DType dtype) {
  const bool costly = op == Binary::pow || op >= Binary::gelu_grad;
  if (!costly) return simple_grain;
  return dtype == DType::float64 || op == Binary::pow ? costly_grain / 4 : costly_grain;
}

// Kept by what only selects.
Denormals denormals(Unary op) {
  switch (op) {
    case Unary::neg:
    case Unary::relu:
    case Unary::abs:
    case Unary::sign:
    case Unary::floor:
    case Unary::ceil:
    case Unary::round:
    case Unary::logical_not: return Denormals::are_kept;
    default: return Denormals::are_zero;
  }
}

Denormals denormals(Binary op) {
  switch (op) {
    case Binary::maximum:
    case Binary::minimum:
    case Binary::maximum_share:
    case Binary::minimum_share:
    case Binary::share:
    case Binary::relu_grad: return Denormals::are_kept;
    default: return Denormals::are_zero;
  }
}

template <int N>
Lines lines(const Strided<N>& loop, int operand, Operand x, int64_t offset, DType dtype) {
  const int64_t row = loop.dims > 1 ? loop.stride(operand, loop.dims - 2) : 0;
  return {at(x.data, offset, dtype), row, loop.column_stride(operand)};
}

void run_binary(ElementwiseTable::BinaryKernel kernel, Denormals denormals, int64_t grain,
                DType from, DType to, int dims, const int64_t* sizes, Operand a, Operand b,
                void* out) {
  if (dims == 0) {
    const FloatState state(denormals);
    return kernel(1, 1, {a.data, 0, 0}, {b.data, 0, 0}, out);
  }
  const Strided<2> loop(dims, sizes, {a.strides, b.strides});
  parallel_for(denormals, loop.total, grain, [&](int64_t begin, int64_t end) {
    for_blocks(loop, begin, end,
               [&](int64_t rows, int64_t columns, int64_t first, const auto& offset) {
                 kernel(rows, columns, lines(loop, 0, a, offset[0], from),
                        lines(loop, 1, b, offset[1], from), at(out, first, to));
               });
  });
}

// x to a whole power that needs no pow().
bool power_by_products(DType dtype, int dims, const int64_t* sizes, Operand a, Operand b,
                       void* out) {
  if (!is_floating(dtype)) return false;
  for (int d = 0; d < dims; ++d) {
    if (sizes[d] == 0 || (sizes[d] > 1 && b.strides[d] != 0)) return false;
  }
  const double exponent = dtype == DType::float32 ? *static_cast<const float*>(b.data)
                                                  : *static_cast<const double*>(b.data);
  if (exponent != 2 && exponent != 3 && exponent != -1) return false;
  const Unary op = exponent == 2 ? Unary::square : exponent == 3 ? Unary::cube : Unary::reciprocal;
  unary(op, dtype, dims, sizes, a, out);
  return true;
}

}  // namespace

void unary(Unary op, DType dtype, int dims, const int64_t* sizes, Operand x, void* out) {
  const auto kernel = known(pick_elementwise().unary[index(dtype)][index(op)], "unary", dtype);
  const Strided<1> loop(dims, sizes, {x.strides});
  parallel_for(denormals(op), loop.total, grain(op, dtype), [&](int64_t begin, int64_t end) {
    for_blocks(loop, begin, end,
               [&](int64_t rows, int64_t columns, int64_t first, const auto& offset) {
                 kernel(rows, columns, lines(loop, 0, x, offset[0], dtype), at(out, first, dtype));
               });
  });
}

void binary(Binary op, DType dtype, int dims, const int64_t* sizes, Operand a, Operand b,
            void* out) {
  if (op == Binary::pow && power_by_products(dtype, dims, sizes, a, b, out)) return;
  const auto kernel = known(pick_elementwise().binary[index(dtype)][index(op)], "binary", dtype);
  run_binary(kernel, denormals(op), grain(op, dtype), dtype, dtype, dims, sizes, a, b, out);
}

void compare(Compare op, DType dtype, int dims, const int64_t* sizes, Operand a, Operand b,
             bool* out) {
  run_binary(pick_elementwise().compare[index(dtype)][index(op)], Denormals::are_kept, simple_grain,
             dtype, DType::bool_, dims, sizes, a, b, out);
}

void logical(Logical op, int dims, const int64_t* sizes, Operand a, Operand b, bool* out) {
  run_binary(pick_elementwise().logical[index(op)], Denormals::are_kept, simple_grain, DType::bool_,
             DType::bool_, dims, sizes, a, b, out);
}

void where(DType dtype, int dims, const int64_t* sizes, Operand condition, Operand a, Operand b,
           void* out) {
  const auto kernel = pick_elementwise().where[index(dtype)];
  const Strided<3> loop(dims, sizes, {condition.strides, a.strides, b.strides});
  parallel_for(Denormals::are_kept, loop.total, simple_grain, [&](int64_t begin, int64_t end) {
    for_blocks(loop, begin, end,
               [&](int64_t rows, int64_t columns, int64_t first, const auto& offset) {
                 kernel(rows, columns, lines(loop, 0, condition, offset[0], DType::bool_),
                        lines(loop, 1, a, offset[1], dtype), lines(loop, 2, b, offset[2], dtype),
                        at(out, first, dtype));
               });
  });
}

void clamp(DType dtype, int64_t n, double low, double high, const void* x, void* out) {
  if (!is_floating(dtype)) fail<DTypeError>("clamp: there is no such kernel for ", dtype);
  const float low_float = static_cast<float>(low), high_float = static_cast<float>(high);
  const bool wide = dtype == DType::float64;
  const void* least = wide ? static_cast<const void*>(&low) : &low_float;
  const void* most = wide ? static_cast<const void*>(&high) : &high_float;
  parallel_for(Denormals::are_kept, n, simple_grain, [&](int64_t begin, int64_t end) {
    pick_elementwise().clamp[index(dtype)](end - begin, least, most, at(x, begin, dtype),
                                           at(out, begin, dtype));
  });
}

void clamp(int64_t n, int64_t low, int64_t high, const int64_t* x, int64_t* out) {
  parallel_for(Denormals::are_kept, n, simple_grain, [&](int64_t begin, int64_t end) {
    pick_elementwise().clamp[index(DType::int64)](end - begin, &low, &high, x + begin, out + begin);
  });
}

void clamp_grad(DType dtype, int64_t n, double low, double high, const void* dout, const void* x,
                void* out) {
  const auto kernel = known(pick_elementwise().clamp_grad[index(dtype)], "clamp_grad", dtype);
  parallel_for(Denormals::are_kept, n, simple_grain, [&](int64_t begin, int64_t end) {
    kernel(end - begin, low, high, at(dout, begin, dtype), at(x, begin, dtype),
           at(out, begin, dtype));
  });
}

void fill(DType dtype, int64_t n, const void* value, void* out) {
  const auto fill_as = [&](auto* to) {
    const auto one = *static_cast<const std::remove_pointer_t<decltype(to)>*>(value);
    parallel_for(Denormals::are_kept, n, simple_grain,
                 [&](int64_t begin, int64_t end) { std::fill(to + begin, to + end, one); });
  };
  switch (size_of(dtype)) {
    case 1: return fill_as(static_cast<uint8_t*>(out));
    case 4: return fill_as(static_cast<uint32_t*>(out));
    default: return fill_as(static_cast<uint64_t*>(out));
  }
}

void axpy(DType dtype, int64_t n, double alpha, const void* x, void* y) {
  const auto kernel = known(pick_elementwise().axpy[index(dtype)], "axpy", dtype);
  parallel_for(n, simple_grain, [&](int64_t begin, int64_t end) {
    kernel(end - begin, alpha, at(x, begin, dtype), at(y, begin, dtype));
  });
}

}  // namespace rill::kernels
