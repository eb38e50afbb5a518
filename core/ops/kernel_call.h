#pragma once

#include <rill/core/ops/copy.h>
#include <rill/core/tensor.h>

// What ops share between their checks and their kernels: everything here works on the numbers
// alone and records nothing.

namespace rill::detail {

/// Throws DTypeError, naming both, unless a and b have one dtype. Where they differ in what they
/// are to the op, their roles are named too ("query", "key").
void want_same_dtype(const Tensor& a, const Tensor& b);
void want_same_dtype(const char* role_a, const Tensor& a, const char* role_b, const Tensor& b);
/// Throws DTypeError unless x is float32 or float64.
void want_floating(const Tensor& x);
void want_floating(const char* role, const Tensor& x);
/// Throws DTypeError where x is bool.
void want_number(const Tensor& x);
/// Throws DTypeError unless x is bool; `what` says what it is ("condition").
void want_bool(const Tensor& x, const char* what);

/// `value` without dimensions, in the dtype of x. Throws DTypeError where that is an integer type
/// and `value` is not whole.
Tensor scalar_like(const Tensor& x, double value);

/// How x is stepped through when it is read as if it had `shape`: 0 along broadcast dimensions.
Shape broadcast_strides(const Tensor& x, const Shape& shape);

/// An input of a kernel, read as if it had `shape`.
class Read {
 public:
  Read(const Tensor& x, const Shape& shape) : data_(x.raw_data()), strides_(&x.strides()) {
    if (x.shape() == shape) return;
    broadcast_ = broadcast_strides(x, shape);
    strides_ = &broadcast_;
  }
  Read(const Read&) = delete;
  Read& operator=(const Read&) = delete;
  operator kernels::Operand() const { return {data_, strides_->data()}; }

 private:
  const void* data_;
  const Shape* strides_;
  Shape broadcast_;
};

/// Itself where it is row-major, else a copy.
inline Tensor row_major(const Tensor& x) { return x.is_contiguous() ? x : row_major_copy(x); }
/// The same of an option: what was left out stays undefined.
inline Tensor packed(const Tensor& x) { return x.defined() ? row_major(x) : x; }

/// The index, in a tensor of shape `sizes`, of its i-th element in row-major order.
Shape index_of(int64_t i, const Shape& sizes);

/// function(T()) where T is float or double, as dtype says.
template <class Function>
void for_floating(DType dtype, Function function) {
  if (dtype == float32) return function(float());
  function(double());
}

/// function(T()) where T is the C++ type of dtype.
template <class Function>
void for_dtype(DType dtype, Function function) {
  if (dtype == int64) return function(int64_t());
  if (dtype == bool_) return function(bool());
  for_floating(dtype, function);
}

/// op(x), element by element.
Tensor run(kernels::Unary op, const Tensor& x);
/// op(a, b) of two tensors of one dtype, broadcast.
Tensor run(kernels::Binary op, const Tensor& a, const Tensor& b);
Tensor run(kernels::Compare op, const Tensor& a, const Tensor& b);
/// condition ? a : b, all three broadcast.
Tensor run_where(const Tensor& condition, const Tensor& a, const Tensor& b);

}  // namespace rill::detail
