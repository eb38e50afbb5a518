#include <rill/core/ops/kernel_call.h>

#include <cmath>

namespace rill::detail {
namespace {

Shape common_shape(const Tensor& a, const Tensor& b) {
  return a.shape() == b.shape() ? a.shape() : broadcast_shapes(a.shape(), b.shape());
}

}  // namespace

void want_same_dtype(const Tensor& a, const Tensor& b) {
  if (a.dtype() != b.dtype())
    fail<DTypeError>("the inputs are ", a.dtype(), " and ", b.dtype(),
                     "; convert one of them with to(dtype)");
}

void want_same_dtype(const char* role_a, const Tensor& a, const char* role_b, const Tensor& b) {
  if (a.dtype() != b.dtype())
    fail<DTypeError>(role_a, " is ", a.dtype(), " and ", role_b, " is ", b.dtype(),
                     "; convert one of them with to(dtype)");
}

void want_floating(const Tensor& x) { want_floating("the input", x); }

void want_floating(const char* role, const Tensor& x) {
  if (!is_floating(x.dtype()))
    fail<DTypeError>(role, " is ", x.dtype(),
                     ", but must be float32 or float64; convert it with to(dtype)");
}

void want_number(const Tensor& x) {
  if (x.dtype() == bool_)
    fail<DTypeError>("wants numbers, not bool; convert it with to(int64), or use logical ops");
}

void want_bool(const Tensor& x, const char* what) {
  if (x.dtype() != bool_)
    fail<DTypeError>(what, " must be bool, not ", x.dtype(), "; compare first, as in ne(x, 0)");
}

Tensor scalar_like(const Tensor& x, double value) {
  if (!is_floating(x.dtype()) && value != std::trunc(value))
    fail<DTypeError>("cannot combine ", x.dtype(), " with ", value,
                     ", which is not whole; convert the tensor with to(float32)");
  if (x.dtype() == int64 && std::fabs(value) >= 0x1p63)
    fail<DTypeError>("cannot combine int64 with ", value,
                     ", which is beyond its range; convert the tensor with to(float32)");
  const Tensor number = scalar(value, x.dtype());
  number.impl()->is_number = true;
  return number;
}

Shape index_of(int64_t i, const Shape& sizes) {
  Shape index = sizes;
  for (int d = sizes.dims() - 1; d >= 0; --d) {
    index[d] = i % sizes[d];
    i /= sizes[d];
  }
  return index;
}

Shape broadcast_strides(const Tensor& x, const Shape& shape) {
  Shape strides = Shape::filled(shape.dims(), 0);
  const int added = shape.dims() - x.dims();
  for (int d = 0; d < x.dims(); ++d)
    if (x.shape()[d] != 1) strides[added + d] = x.strides()[d];
  return strides;
}

Tensor run(kernels::Unary op, const Tensor& x) {
  const Tensor out = Tensor::empty(x.shape(), x.dtype());
  kernels::unary(op, x.dtype(), x.dims(), x.shape().data(), operand_of(x), out.raw_data());
  return out;
}

Tensor run(kernels::Binary op, const Tensor& a, const Tensor& b) {
  const Tensor out = Tensor::empty(common_shape(a, b), a.dtype());
  const Shape& shape = out.shape();
  kernels::binary(op, a.dtype(), shape.dims(), shape.data(), Read(a, shape), Read(b, shape),
                  out.raw_data());
  return out;
}

Tensor run(kernels::Compare op, const Tensor& a, const Tensor& b) {
  const Tensor out = Tensor::empty(common_shape(a, b), bool_);
  const Shape& shape = out.shape();
  kernels::compare(op, a.dtype(), shape.dims(), shape.data(), Read(a, shape), Read(b, shape),
                   out.data<bool>());
  return out;
}

Tensor run_where(const Tensor& condition, const Tensor& a, const Tensor& b) {
  const Shape shape = broadcast_shapes(condition.shape(), common_shape(a, b));
  const Tensor out = Tensor::empty(shape, a.dtype());
  kernels::where(a.dtype(), shape.dims(), shape.data(), Read(condition, shape), Read(a, shape),
                 Read(b, shape), out.raw_data());
  return out;
}

}  // namespace rill::detail
