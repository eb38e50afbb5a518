#include <rill/core/kernels/triangle.h>

#include <rill/core/autograd.h>
#include <rill/core/ops.h>
#include <rill/core/ops/kernel_call.h>

namespace rill {

using detail::run_where;
using detail::scalar_like;

Tensor where(const Tensor& condition, const Tensor& a, const Tensor& b) {
  Op op("where");
  op.reads(condition);
  detail::want_bool(condition, "the condition");
  detail::want_same_dtype(a, b);
  return op.record(run_where(condition, a, b),
                   broadcast_row(a, "dout where condition, else 0", keep(constant(condition)),
                                 [](const Tensor& dout, const Tensor& condition) {
                                   return where(condition, dout, scalar_like(dout, 0));
                                 }),
                   broadcast_row(b, "0 where condition, else dout", keep(constant(condition)),
                                 [](const Tensor& dout, const Tensor& condition) {
                                   return where(condition, scalar_like(dout, 0), dout);
                                 }));
}

Tensor where(const Tensor& condition, const Tensor& a, double b) {
  return where(condition, a, scalar_like(a, b));
}
Tensor where(const Tensor& condition, double a, const Tensor& b) {
  return where(condition, scalar_like(b, a), b);
}
Tensor where(const Tensor& condition, double a, double b) {
  return where(condition, scalar(a), scalar(b));
}

Tensor masked_fill(const Tensor& x, const Tensor& mask, double value) {
  return masked_fill(x, mask, scalar_like(x, value));
}

Tensor masked_fill(const Tensor& x, const Tensor& mask, const Tensor& value) {
  Op op("masked_fill");
  op.reads(mask);
  detail::want_bool(mask, "the mask");
  detail::want_same_dtype(x, value);
  if (value.dims() != 0)
    fail<ShapeError>("the value has shape ", value.shape(), "; it must have no dimensions");
  return op.record(run_where(mask, value, x),
                   broadcast_row(x, "0 where mask, else dout", keep(constant(mask)),
                                 [](const Tensor& dout, const Tensor& mask) {
                                   return masked_fill(dout, mask, 0.0);
                                 }),
                   row(value, "Σ dout where mask", keep(constant(mask)),
                       [](const Tensor& dout, const Tensor& mask) {
                         return sum(where(mask, dout, scalar_like(dout, 0)));
                       }));
}

namespace {

/// Runs `kernel(batch, m, n, x, out)` on the matrices in the last two dims of x.
template <class Kernel>
Tensor run_triangle(const Tensor& x, Kernel kernel) {
  if (x.dims() < 2) fail<ShapeError>("wants 2 dimensions or more, not ", x.shape());
  const Tensor in = detail::row_major(x), out = Tensor::empty(x.shape(), x.dtype());
  const int64_t m = x.size(-2), n = x.size(-1);
  if (x.numel() > 0)
    detail::for_dtype(x.dtype(), [&]<class T>(T) {
      kernel(x.numel() / (m * n), m, n, in.data<T>(), out.data<T>());
    });
  return out;
}

}  // namespace

Tensor tril(const Tensor& x, int64_t diagonal) {
  Op op("tril");
  const Tensor out =
      run_triangle(x, [&]<class T>(int64_t batch, int64_t m, int64_t n, const T* in, T* to) {
        kernels::tril<T>(batch, m, n, diagonal, in, to);
      });
  return op.record(out,
                   row(x, "tril(dout)", keep(diagonal),
                       [](const Tensor& dout, int64_t diagonal) { return tril(dout, diagonal); }));
}

Tensor triu(const Tensor& x, int64_t diagonal) {
  Op op("triu");
  const Tensor out =
      run_triangle(x, [&]<class T>(int64_t batch, int64_t m, int64_t n, const T* in, T* to) {
        kernels::triu<T>(batch, m, n, diagonal, in, to);
      });
  return op.record(out,
                   row(x, "triu(dout)", keep(diagonal),
                       [](const Tensor& dout, int64_t diagonal) { return triu(dout, diagonal); }));
}

}  // namespace rill
