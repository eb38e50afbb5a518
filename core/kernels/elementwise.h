#pragma once

#include <rill/core/dtype.h>
#include <cstdint>

namespace rill::kernels {

/// One input of an element-wise kernel: where it begins, and for each dim of the output how many
/// elements lie between neighbours (0 where the input is broadcast).
struct Operand {
  const void* data;
  const int64_t* strides;
};

// Outputs are contiguous and row-major unless strides are given. An output may be one of the inputs
// where both have the same layout. A combination of op and dtype that is not stated throws
// DTypeError. Arithmetic takes denormal numbers for zero; what moves, compares or selects (neg,
// relu, abs, sign, floor, ceil, round, maximum, minimum, their gradients, and all that is neither
// unary nor binary but axpy) keeps them. Float32 functions stay within 3 units in the
// last place where no other figure is given.

/// float32 and float64: all but logical_not. int64: neg, relu, abs, sign, floor, ceil, round,
/// square, cube. bool: logical_not. round: halves to the even number. gelu x·Φ(x); gelu_tanh x·(1 +
/// tanh(√(2/π)(x + 0.044715x³)))/2; silu x·sigmoid(x); softplus log(1 + eˣ). relu keeps NaN;
/// sign(0) = sign(NaN) = 0.
enum class Unary {
  neg,
  exp,
  log,
  log1p,
  sqrt,
  rsqrt,
  sin,
  cos,
  tanh,
  erf,
  sigmoid,
  softplus,
  relu,
  gelu,
  gelu_tanh,
  silu,
  abs,
  sign,
  floor,
  ceil,
  round,
  reciprocal,
  square,
  cube,
  logical_not
};

/// out[i] = op(x[i]).
void unary(Unary op, DType dtype, int dims, const int64_t* sizes, Operand x, void* out);

/// float32 and float64: all; int64: add to remainder (pow: a negative exponent gives the whole part
/// of the result; no divisor may be 0). floor_divide and remainder: as Python's // and %. maximum
/// and minimum give NaN where either is NaN.
/// *_share(a, b): the part of the output's gradient that goes to a: 1 where a was taken or either
/// is NaN, 1/2 in a tie, else 0. share(dout, s): dout · s, and 0 where s is 0. *_grad(dout, x): the
/// gradient of the input x, except that tanh, sigmoid, sqrt and rsqrt take the output in place of
/// x.
enum class Binary {
  add,
  sub,
  mul,
  pow,
  maximum,
  minimum,
  floor_divide,
  remainder,
  div,
  maximum_share,
  minimum_share,
  share,
  tanh_grad,
  sigmoid_grad,
  sqrt_grad,
  rsqrt_grad,
  relu_grad,
  gelu_grad,
  gelu_tanh_grad,
  silu_grad,
  softplus_grad
};

/// out[i] = op(a[i], b[i]).
void binary(Binary op, DType dtype, int dims, const int64_t* sizes, Operand a, Operand b,
            void* out);

enum class Compare { eq, ne, lt, le, gt, ge };

/// out[i] = a[i] op b[i], for every dtype. With NaN all are false but ne.
void compare(Compare op, DType dtype, int dims, const int64_t* sizes, Operand a, Operand b,
             bool* out);

enum class Logical { and_, or_, xor_ };

/// out[i] = a[i] op b[i] for bool inputs.
void logical(Logical op, int dims, const int64_t* sizes, Operand a, Operand b, bool* out);

/// out[i] = condition[i] ? a[i] : b[i]; condition is bool, a and b are of `dtype`, any.
void where(DType dtype, int dims, const int64_t* sizes, Operand condition, Operand a, Operand b,
           void* out);

/// out[i] = min(max(x[i], low), high), contiguous; NaN stays NaN, low > high gives high.
/// float32, float64; infinite bounds mean none.
void clamp(DType dtype, int64_t n, double low, double high, const void* x, void* out);

/// The same for int64.
void clamp(int64_t n, int64_t low, int64_t high, const int64_t* x, int64_t* out);

/// out[i] = dout[i] where low <= x[i] <= high, else 0 (also where x is NaN). float32, float64.
void clamp_grad(DType dtype, int64_t n, double low, double high, const void* dout, const void* x,
                void* out);

/// destination = source, strided on both sides, of any dtypes: to bool by x != 0, floats to int64
/// towards zero (NaN and what int64 cannot hold give the least int64).
void copy(DType from, DType to, int dims, const int64_t* sizes, Operand source, void* destination,
          const int64_t* strides);

/// out[i] = value, which points to one element of `dtype`.
void fill(DType dtype, int64_t n, const void* value, void* out);

/// y[i] += alpha · x[i], contiguous, float32 or float64.
void axpy(DType dtype, int64_t n, double alpha, const void* x, void* y);

}  // namespace rill::kernels
