#include <rill/core/inplace.h>

#include <cmath>

#include <rill/core/autograd.h>
#include <rill/core/detail/detached.h>
#include <rill/core/detail/overlap.h>
#include <rill/core/ops.h>
#include <rill/core/ops/copy.h>
#include <rill/core/ops/kernel_call.h>
#include <rill/core/tensor/tensor_impl.h>

// An in-place op writes into the storage of x and then gives x the place in the graph that the same
// op would have given to a new tensor. What was kept of x before is stale from then on, and so are
// views of x: the two counters of the storage tell.

namespace rill {

namespace {

void refuse_overlap(const Tensor& x) {
  if (detail::overlaps_itself(x))
    fail<ShapeError>("cannot write in place to ", x.shape(), " with strides ", x.strides(),
                     ": several elements share one place in memory; write to a clone()");
}

void refuse_leaf(const Tensor& x) {
  if (detail::wants_gradient(x) && x.is_leaf())
    fail<AutogradError>(
        "a leaf that requires a gradient cannot be written in place while ops are "
        "recorded: put a NoGradGuard around the write, or write to a clone()");
}

/// Refuses what must not be written to; `is_recorded`: the write becomes part of the graph.
void check_target(const Tensor& x, bool is_recorded) {
  refuse_overlap(x);
  refuse_leaf(x);
  if (is_recorded && x.is_view())
    fail<AutogradError>("a view of shape ", x.shape(),
                        " cannot be written in place where gradients are wanted: the tensor that "
                        "it views would not learn of it; use an op that makes a new tensor");
  if (is_recorded && x.impl()->is_detached)
    fail<AutogradError>("a detached tensor of shape ", x.shape(),
                        " cannot be written in place where gradients are wanted: it shares memory "
                        "with tensors that would not learn of it; use a clone() of it");
  if (is_recorded && !is_floating(x.dtype()))
    fail<DTypeError>("cannot write a tensor that wants a gradient into one of ", x.dtype());
}

void check_target(const Tensor& x) { check_target(x, detail::wants_gradient(x)); }

/// Tells observers of x, as it is before the write, and of the other input.
void show(Op& op, const Tensor& x, const Tensor& other) {
  if (!is_observed()) return;
  const Tensor before = detail::row_major_copy(x);
  op.reads(before, detail::is_same_memory(x, other) ? before : other);
}

/// Refuses what op(x, source) must not write; the source seen in the shape of x.
Tensor check_source(Op& op, const Tensor& x, const Tensor& source) {
  const Shape& shape = source.shape();  // throws where there is none
  check_target(x, detail::wants_gradient(x) || detail::wants_gradient(source));
  detail::node_of(source);
  if (!detail::is_same_memory(x, source) && detail::shares_an_element(x, source))
    fail<ShapeError>("the source ", shape, " shares memory with ", x.shape(),
                     ", which is written: use a clone() of it");
  show(op, x, source);
  return shape == x.shape() ? source : detail::broadcast_view(source, x.shape());
}

Tensor check_like_source(Op& op, const Tensor& x, const Tensor& source) {
  detail::want_number(x);
  if (x.dtype() != source.dtype())
    fail<DTypeError>("cannot combine ", x.dtype(), " with ", source.dtype(),
                     ": convert one with to");
  return check_source(op, x, source);
}

/// `numbers` with the place in the graph that x has now.
Tensor at_place_of(const Tensor& x, const Tensor& numbers) {
  numbers.impl()->node = x.impl()->node;
  return numbers;
}

/// x as it is before the write, with its place in the graph: for rows that need the old numbers.
Tensor snapshot_of(const Tensor& x) { return at_place_of(x, detail::row_major_copy(x)); }

/// The other operand as it is before the write to x, of which `old` is the snapshot.
Tensor operand_before_write(const Tensor& x, const Tensor& old, const Tensor& other) {
  return detail::is_same_memory(x, other) ? at_place_of(other, detail::make_detached(old)) : other;
}

void raise_version(const Tensor& x) {
  x.impl()->storage->version.fetch_add(1, std::memory_order_relaxed);
}

/// Writes to x, counts that, and moves x to its new place in the graph, where `rows` are recorded.
/// What that needs is taken before anything is changed.
template <class Write, class... Rows>
const Tensor& write_and_record(Op& op, const Tensor& x, const Write& write, const Rows&... rows) {
  Tensor written;
  if ((detail::wants_gradient(rows.input) || ...)) {
    written = detail::make_detached(x);
    op.connect(written, rows...);
  }
  write();
  raise_version(x);
  if (written.defined()) {
    x.impl()->replace_node(written.impl()->node);
    auto& writes = x.impl()->storage->recorded_writes;
    x.impl()->seen_recorded_writes = writes.fetch_add(1, std::memory_order_relaxed) + 1;
  }
  return op.done(x);
}

/// x = op(x, source); source has the shape of x.
void write(kernels::Binary op, const Tensor& x, const Tensor& source) {
  const Tensor out = x.is_contiguous() ? x : Tensor::empty(x.shape(), x.dtype());
  kernels::binary(op, x.dtype(), x.dims(), x.shape().data(), detail::operand_of(x),
                  detail::operand_of(source), out.raw_data());
  if (!x.is_contiguous()) detail::copy_into(x, out);
}

Tensor scaled(const Tensor& source, double factor) {
  const Tensor out = detail::row_major_copy(source);
  write(kernels::Binary::mul, out,
        detail::broadcast_view(scalar(factor, out.dtype()), out.shape()));
  return out;
}

/// x += alpha · source.
void write_sum(const Tensor& x, const Tensor& source, double alpha) {
  const bool is_plain = is_floating(x.dtype()) && x.is_contiguous() && source.is_contiguous();
  if (is_plain && alpha != 1 && !detail::is_same_memory(x, source))
    kernels::axpy(x.dtype(), x.numel(), alpha, source.raw_data(), x.raw_data());
  else
    write(kernels::Binary::add, x, alpha == 1 ? source : scaled(source, alpha));
}

const Tensor& add_scaled(Op& op, const Tensor& x, const Tensor& other, double alpha) {
  const Tensor source = check_like_source(op, x, other);
  if (!is_floating(x.dtype()) && alpha != std::trunc(alpha))
    fail<ValueError>("alpha must be whole for ", x.dtype(), ", found ", alpha);
  return write_and_record(
      op, x, [&] { write_sum(x, source, alpha); },
      row(x, "dout", [](const Tensor& dout) { return dout; }),
      row(other, "alpha · dout, summed to the shape of other", keep(other.shape(), alpha),
          [](const Tensor& dout, const Shape& shape, double alpha) {
            const Tensor total = sum_to(dout, shape);
            return alpha == 1 ? total : total * alpha;
          }));
}

const Tensor& fill_with(Op& op, const Tensor& x, double value) {
  check_target(x);
  const Tensor one = detail::scalar_like(x, value);
  show(op, x, one);
  const Tensor values = x.is_contiguous() ? one : detail::broadcast_view(one, x.shape());
  const auto write = [&] {
    if (x.is_contiguous())
      kernels::fill(x.dtype(), x.numel(), one.raw_data(), x.raw_data());
    else
      detail::copy_into(x, values);
  };
  return write_and_record(op, x, write,
                          row(x, "0", [](const Tensor& dout) { return zeros_like(dout); }));
}

}  // namespace

const Tensor& zero_(const Tensor& x) {
  Op op("zero_");
  return fill_with(op, x, 0);
}

const Tensor& fill_(const Tensor& x, double value) {
  Op op("fill_");
  return fill_with(op, x, value);
}

const Tensor& copy_(const Tensor& x, const Tensor& source) {
  Op op("copy_");
  const Tensor seen = check_source(op, x, source);
  const bool is_same = detail::is_same_memory(x, source);
  const bool is_recorded = detail::wants_gradient(x) || detail::wants_gradient(source);
  if (is_same && (!is_recorded || x.impl()->node == source.impl()->node)) return op.done(x);
  const auto write = [&] {
    if (!is_same) detail::copy_into(x, seen);
  };
  return write_and_record(
      op, x, write, row(x, "0", [](const Tensor& dout) { return zeros_like(dout); }),
      row(source, "dout, summed to the shape of source", keep(source.shape(), source.dtype()),
          [](const Tensor& dout, const Shape& shape, DType dtype) {
            return to(sum_to(dout, shape), dtype);
          }));
}

const Tensor& add_(const Tensor& x, const Tensor& other, double alpha) {
  Op op("add_");
  return add_scaled(op, x, other, alpha);
}

const Tensor& sub_(const Tensor& x, const Tensor& other) {
  Op op("sub_");
  return add_scaled(op, x, other, -1);
}

const Tensor& mul_(const Tensor& x, const Tensor& other) {
  Op op("mul_");
  const Tensor source = check_like_source(op, x, other);
  const auto change = [&] { write(kernels::Binary::mul, x, source); };
  if (!detail::wants_gradient(x) && !detail::wants_gradient(other)) {
    return write_and_record(op, x, change);
  }
  const Tensor old = snapshot_of(x);
  const Tensor factor = operand_before_write(x, old, other);
  return write_and_record(
      op, x, change,
      row(old, "dout · other", keep(factor),
          [](const Tensor& dout, const Tensor& factor) { return dout * factor; }),
      row(factor, "dout · x, summed to the shape of other", keep(old, factor.shape()),
          [](const Tensor& dout, const Tensor& old, const Shape& shape) {
            return sum_to(dout * old, shape);
          }));
}

const Tensor& div_(const Tensor& x, const Tensor& other) {
  Op op("div_");
  if (!is_floating(x.dtype()))
    fail<DTypeError>("a quotient is floating and cannot be written into ", x.dtype());
  const Tensor source = check_like_source(op, x, other);
  const auto change = [&] { write(kernels::Binary::div, x, source); };
  if (!detail::wants_gradient(x) && !detail::wants_gradient(other)) {
    return write_and_record(op, x, change);
  }
  const Tensor old = snapshot_of(x);
  const Tensor divisor = operand_before_write(x, old, other);
  return write_and_record(
      op, x, change,
      row(old, "dout / other", keep(divisor),
          [](const Tensor& dout, const Tensor& divisor) { return dout / divisor; }),
      row(divisor, "−dout · x / other², summed to the shape of other", keep(old, divisor),
          [](const Tensor& dout, const Tensor& old, const Tensor& divisor) {
            return sum_to(neg(dout * old / (divisor * divisor)), divisor.shape());
          }));
}

Tensor detail::as_before_write(const Tensor& x) {
  return wants_gradient(x) && !x.is_leaf() ? snapshot_of(x) : x;
}

void detail::begin_write(const Tensor& x) {
  refuse_overlap(x);
  refuse_leaf(x);
  if (wants_gradient(x))
    fail<AutogradError>("a result of the op ", x.grad_fn()->name(),
                        " cannot be written in place outside of the graph: detach() it first");
  raise_version(x);
}

}  // namespace rill
