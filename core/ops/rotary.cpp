#include <rill/core/autograd.h>
#include <rill/core/kernels/rotary.h>
#include <rill/core/ops.h>
#include <rill/core/ops/kernel_call.h>
#include <rill/core/option.h>

#include <cmath>
#include <limits>

namespace rill {
namespace {

void check(const Tensor& x, int64_t offset, int64_t dim, double base) {
  detail::want_floating(x);
  if (x.dims() < 2) fail<ShapeError>("x must be [..., length, width], not ", x.shape());
  if (dim < 0 || dim % 2 != 0 || dim > x.size(-1))
    fail<ShapeError>("components turn in pairs: dim must be even and at most the width ",
                     x.size(-1), ", found ", dim);
  if (offset < 0) fail<ValueError>("offset must not be negative, found ", offset);
  detail::want_positive("base", base);
  if (offset > std::numeric_limits<int64_t>::max() - x.size(-2))
    fail<ValueError>("positions count up to 2^63: offset ", offset, " leaves no room for ",
                     x.size(-2), " of them");
}

/// Turns are linear, and the transpose of a turn is the turn back: so is the gradient.
Tensor turned(Op& op, const Tensor& x, const kernels::Rotary& how) {
  const Tensor rows = x.size(-1) < 2 || x.strides().back() == 1 ? x : detail::row_major_copy(x);
  const Tensor out = Tensor::empty(x.shape(), x.dtype());
  if (x.numel() > 0)
    detail::for_floating(x.dtype(), [&]<class T>(T) {
      kernels::rotary(how, rows.dims() - 1, rows.shape().data(), rows.strides().data(),
                      rows.data<T>(), out.data<T>());
    });
  return op.record(out, row(x, "dout, turned back", keep(how),
                            [](const Tensor& dout, const kernels::Rotary& how) {
                              Op op("rotary_backward");
                              kernels::Rotary back = how;
                              back.backwards = !how.backwards;
                              return turned(op, dout, back);
                            }));
}

}  // namespace

Tensor rotary(const Tensor& x, int64_t offset, const RotaryOptions& options) {
  Op op("rotary");
  const int64_t dim = options.dim.value_or(x.dims() > 0 ? x.size(-1) : 0);
  check(x, offset, dim, options.base);
  return turned(op, x,
                {.offset = offset,
                 .length = x.size(-2),
                 .width = x.size(-1),
                 .dim = dim,
                 .base = options.base,
                 .interleaved = options.pairs == RotaryPairs::interleaved});
}

}  // namespace rill
