#include <rill/core/autograd.h>
#include <rill/core/detail/undo_draws.h>
#include <rill/core/kernels/philox.h>
#include <rill/core/ops.h>
#include <rill/core/ops/kernel_call.h>
#include <rill/core/option.h>

namespace rill {
namespace {

/// x / (1 − p) where the mask that (seed, offset) stand for keeps it, else 0. Linear in x, so that
/// its gradient is the same function: the mask is drawn again, never stored.
Tensor apply_mask(Op& op, const Tensor& x, double p, uint64_t seed, uint64_t offset) {
  const Tensor in_order = detail::row_major(x);
  const Tensor out = Tensor::empty(x.shape(), x.dtype());
  kernels::dropout(x.dtype(), x.numel(), seed, offset, p, in_order.raw_data(), out.raw_data());
  return op.record(out, row(x, "dout · mask / (1 − p)", keep(p, seed, offset),
                            [](const Tensor& dout, double p, uint64_t seed, uint64_t offset) {
                              Op op("dropout_backward");
                              return apply_mask(op, dout, p, seed, offset);
                            }));
}

/// 0 whatever x is, NaN too, and so is the gradient.
Tensor drop_all(Op& op, const Tensor& x) {
  return op.record(zeros(x.shape(), x.dtype()),
                   row(x, "0", [](const Tensor& dout) { return zeros_like(dout); }));
}

}  // namespace

Tensor dropout(const Tensor& x, double p, bool training, Generator& generator) {
  Op op("dropout");
  detail::want_share("p", p);
  if (!is_floating(x.dtype())) fail<DTypeError>("needs floating numbers, found ", x.dtype());
  if (!training || p == 0) {
    op.reads(x);
    return op.done(x);
  }
  if (p == 1) return drop_all(op, x);
  const detail::UndoDraws undo(generator);
  const uint64_t blocks = static_cast<uint64_t>(kernels::blocks_for(x.numel()));
  return apply_mask(op, x, p, generator.seed(), generator.reserve(blocks));
}

Tensor dropout(const Tensor& x, double p, bool training) {
  Generator unused;
  const bool draws = training && p > 0 && p < 1;
  return dropout(x, p, training, draws ? default_generator() : unused);
}

}  // namespace rill
