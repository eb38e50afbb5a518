#include <rill/core/autograd.h>
#include <rill/core/detail/detached.h>
#include <rill/core/kernels/rotary.h>
#include <rill/core/observer.h>
#include <rill/core/ops.h>
#include <rill/core/ops/copy.h>
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

kernels::Rotary settings(const Tensor& x, int64_t offset, const RotaryOptions& options) {
  const int64_t dim = options.dim.value_or(x.dims() > 0 ? x.size(-1) : 0);
  check(x, offset, dim, options.base);
  return {.offset = offset,
          .length = x.size(-2),
          .width = x.size(-1),
          .dim = dim,
          .base = options.base,
          .interleaved = options.pairs == RotaryPairs::interleaved};
}

kernels::Rotary turned_back(kernels::Rotary how) {
  how.backwards = !how.backwards;
  return how;
}

void turn_into(const Tensor& out, const Tensor& x, const kernels::Rotary& how) {
  if (x.numel() == 0) return;
  const Tensor rows = x.size(-1) < 2 || x.strides().back() == 1 ? x : detail::row_major_copy(x);
  detail::for_floating(x.dtype(), [&]<class T>(T) {
    kernels::rotary(how, rows.dims() - 1, rows.shape().data(), rows.strides().data(),
                    rows.data<T>(), out.strides().data(), out.data<T>());
  });
}

/// Turns are linear, and the transpose of a turn is the turn back: so is the gradient.
Tensor turned(Op& op, const Tensor& x, const kernels::Rotary& how) {
  const Tensor out = Tensor::empty(x.shape(), x.dtype());
  turn_into(out, x, how);
  return op.record(out, row(x, "dout, turned back", keep(how),
                            [](const Tensor& dout, const kernels::Rotary& how) {
                              Op op("rotary_backward");
                              return turned(op, dout, turned_back(how));
                            }));
}

/// Uninitialised, of the shape of x [3, batch, heads, length, width]. Forward, attention reads the
/// vectors of a head one after the other. Backward it lies as [batch, length, 3, heads, width], so
/// that the gradient of a projection to all three is a view of it.
Tensor empty_packed(const Tensor& x, bool is_backward) {
  if (!is_backward) return Tensor::empty(x.shape(), x.dtype());
  return Tensor::empty({x.size(1), x.size(3), 3, x.size(2), x.size(4)}, x.dtype())
      .permute({2, 0, 3, 1, 4});
}

/// x with the first two of its three turned.
Tensor with_two_turned(const Tensor& x, const kernels::Rotary& how) {
  const UnobservedGuard unobserved;  // out is made bit by bit
  const Tensor out = empty_packed(x, how.backwards);
  turn_into(out.narrow(0, 0, 2), x.narrow(0, 0, 2), how);
  detail::copy_into(out.select(0, 2), x.select(0, 2));
  return out;
}

Tensor packed_turned(Op& op, const Tensor& qkv, const kernels::Rotary& how) {
  return op.record(with_two_turned(detail::make_detached(qkv), how),
                   row(qkv, "dout, of queries and keys turned back", keep(how),
                       [](const Tensor& dout, const kernels::Rotary& how) {
                         Op op("packed_rotary_backward");
                         return packed_turned(op, dout, turned_back(how));
                       }));
}

}  // namespace

Tensor rotary(const Tensor& x, int64_t offset, const RotaryOptions& options) {
  Op op("rotary");
  return turned(op, x, settings(x, offset, options));
}

Tensor packed_rotary(const Tensor& qkv, int64_t offset, const RotaryOptions& options) {
  Op op("packed_rotary");
  if (qkv.dims() != 5 || qkv.size(0) != 3)
    fail<ShapeError>("cannot take query, key and value from ", qkv.shape(),
                     ": wanted [3, batch, heads, length, width]");
  return packed_turned(op, qkv, settings(qkv, offset, options));
}

}  // namespace rill
