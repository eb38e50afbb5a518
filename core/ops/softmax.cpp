#include <rill/core/autograd.h>
#include <rill/core/kernels/softmax.h>
#include <rill/core/ops.h>
#include <rill/core/ops/copy.h>
#include <rill/core/ops/kernel_call.h>
#include <rill/core/tensor/tensor_impl.h>

#include <utility>

namespace rill {
namespace {

/// x with `dim` and the last dimension swapped, outside the graph.
Tensor swap_with_last(const Tensor& x, int dim) {
  Shape sizes = x.shape(), strides = x.strides();
  std::swap(sizes[dim], sizes[x.dims() - 1]);
  std::swap(strides[dim], strides[x.dims() - 1]);
  return make_view(x, sizes, strides, x.impl()->offset);
}

/// Runs `kernel(rows, columns, inputs..., out)` on the rows that lie along `dim`; inputs and
/// output are of one shape.
template <class Kernel, class... Inputs>
Tensor run_along(int dim, Kernel kernel, const Tensor& x, const Inputs&... others) {
  const bool is_last = dim + 1 >= x.dims();
  const auto rows_of = [&](const Tensor& t) {
    return detail::packed(is_last ? t : swap_with_last(t, dim));
  };
  const Tensor first = rows_of(x);
  const Tensor out = Tensor::empty(first.shape(), x.dtype());
  const int64_t columns = x.dims() == 0 ? 1 : x.size(dim);
  if (x.numel() == 0) return Tensor::empty(x.shape(), x.dtype());
  detail::for_floating(x.dtype(), [&]<class T>(T) {
    kernel(x.numel() / columns, columns, first.data<T>(), rows_of(others).template data<T>()...,
           out.data<T>());
  });
  return is_last ? out : detail::row_major_copy(swap_with_last(out, dim));
}

/// What x gets where y = softmax(x): y · (dout − Σ dout · y). An op, so that it can be
/// differentiated again.
Tensor softmax_backward(const Tensor& dout, const Tensor& y, int dim) {
  Op op("softmax_backward");
  const Tensor out = run_along(
      dim, [](auto... arguments) { kernels::softmax_backward(arguments...); }, dout, y);
  return op.record(
      out,
      row(dout, "softmax_backward(h, y), its Jacobian being symmetric", keep(y, dim),
          [](const Tensor& h, const Tensor& y, int dim) { return softmax_backward(h, y, dim); }),
      row(y, "h · (dout − Σ dout · y) − dout · Σ h · y", keep(dout, y, dim),
          [](const Tensor& h, const Tensor& dout, const Tensor& y, int dim) {
            return h * (dout - (dout * y).sum({dim}, true)) - dout * (h * y).sum({dim}, true);
          }));
}

/// What x gets where y = log_softmax(x): dout − eʸ · Σ dout.
Tensor log_softmax_backward(const Tensor& dout, const Tensor& y, int dim) {
  Op op("log_softmax_backward");
  const Tensor out = run_along(
      dim, [](auto... arguments) { kernels::log_softmax_backward(arguments...); }, dout, y);
  return op.record(out,
                   row(dout, "h − Σ h · eʸ", keep(y, dim),
                       [](const Tensor& h, const Tensor& y, int dim) {
                         return h - (h * exp(y)).sum({dim}, true);
                       }),
                   row(y, "−h · eʸ · Σ dout", keep(dout, y, dim),
                       [](const Tensor& h, const Tensor& dout, const Tensor& y, int dim) {
                         return -h * exp(y) * dout.sum({dim}, true);
                       }));
}

}  // namespace

Tensor softmax(const Tensor& x, int64_t dim) {
  Op op("softmax");
  detail::want_floating("input", x);
  const int along = normalize_dim(dim, x.dims());
  const Tensor out = run_along(
      along, [](auto... arguments) { kernels::softmax(arguments...); }, x);
  return op.record(out, row(x, "y · (dout − Σ dout · y)", keep(out, along),
                            [](const Tensor& dout, const Tensor& y, int dim) {
                              return softmax_backward(dout, y, dim);
                            }));
}

Tensor log_softmax(const Tensor& x, int64_t dim) {
  Op op("log_softmax");
  detail::want_floating("input", x);
  const int along = normalize_dim(dim, x.dims());
  const Tensor out = run_along(
      along, [](auto... arguments) { kernels::log_softmax(arguments...); }, x);
  return op.record(out, row(x, "dout − eʸ · Σ dout", keep(out, along),
                            [](const Tensor& dout, const Tensor& y, int dim) {
                              return log_softmax_backward(dout, y, dim);
                            }));
}

}  // namespace rill
