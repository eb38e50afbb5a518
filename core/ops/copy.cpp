#include <rill/core/ops/copy.h>

#include <rill/core/autograd.h>
#include <rill/core/ops.h>
#include <rill/core/tensor/tensor_impl.h>

namespace rill {
namespace detail {

void copy_in_order(const Tensor& x, const Tensor& out) {
  kernels::copy(x.dtype(), out.dtype(), x.dims(), x.shape().data(), operand_of(x), out.raw_data(),
                contiguous_strides(x.shape()).data());
}

void copy_into(const Tensor& destination, const Tensor& source) {
  kernels::copy(source.dtype(), destination.dtype(), source.dims(), source.shape().data(),
                operand_of(source), destination.raw_data(), destination.strides().data());
}

Tensor broadcast_view(const Tensor& x, const Shape& sizes) {
  const int added = sizes.dims() - x.dims();
  Shape strides = Shape::filled(sizes.dims(), 0);
  bool fits = added >= 0;
  for (int d = 0; fits && d < x.dims(); ++d) {
    const bool same = x.shape()[d] == sizes[d + added];
    if (same) strides[d + added] = x.strides()[d];
    fits = same || x.shape()[d] == 1;
  }
  if (!fits) fail<ShapeError>("cannot broadcast ", x.shape(), " to ", sizes);
  return make_view(x, sizes, strides, x.impl()->offset);
}

Tensor reversed(const Tensor& x, const Shape& dims) {
  if (x.numel() == 0) return x;
  Shape strides = x.strides();
  int64_t offset = x.impl()->offset;
  for (const int64_t dim : dims) {
    offset += (x.shape()[dim] - 1) * strides[dim];
    strides[dim] = -strides[dim];
  }
  return make_view(x, x.shape(), strides, offset);
}

Tensor row_major_copy(const Tensor& x) {
  const Tensor out = Tensor::empty(x.shape(), x.dtype());
  copy_in_order(x, out);
  return out;
}

}  // namespace detail

Tensor clone(const Tensor& x) {
  Op op("clone");
  return op.record(detail::row_major_copy(x),
                   row(x, "dout", [](const Tensor& dout) { return dout; }));
}

Tensor contiguous(const Tensor& x) {
  if (x.is_contiguous()) return x;
  Op op("contiguous");
  return op.record(detail::row_major_copy(x),
                   row(x, "dout", [](const Tensor& dout) { return dout; }));
}

Tensor to(const Tensor& x, DType dtype) {
  if (x.dtype() == dtype) return x;
  Op op("to");
  const Tensor out = Tensor::empty(x.shape(), dtype);
  detail::copy_in_order(x, out);
  if (!is_floating(dtype)) {
    op.reads(x);
    return op.done(out);
  }
  return op.record(out, row(x, "dout in the dtype of x", keep(x.dtype()),
                            [](const Tensor& dout, DType dtype) { return to(dout, dtype); }));
}

}  // namespace rill
