#include <rill/core/autograd.h>
#include <rill/core/ops.h>
#include <rill/core/ops/copy.h>
#include <rill/core/ops/kernel_call.h>

#include <algorithm>

// Copies in another order, or several times.

namespace rill {

Tensor flip(const Tensor& x, const Shape& dims) {
  Op op("flip");
  const Shape turned = normalize_dims(dims, x.dims());
  const Tensor seen = x.dims() == 0 ? x : detail::reversed(x, turned);
  return op.record(detail::row_major_copy(seen),
                   row(x, "dout, flipped", keep(turned),
                       [](const Tensor& dout, const Shape& dims) { return flip(dout, dims); }));
}

namespace {

Tensor rolled(const Tensor& x, int64_t shift, int64_t dim) {
  const int64_t size = x.size(dim);
  const int64_t moved = size == 0 ? 0 : (shift % size + size) % size;
  return cat({narrow(x, dim, size - moved, moved), narrow(x, dim, 0, size - moved)}, dim);
}

}  // namespace

Tensor roll(const Tensor& x, const Shape& shifts, const Shape& dims) {
  Op op("roll");
  op.reads(x);
  if (dims.empty() && shifts.dims() == 1)
    return op.done(reshape(rolled(reshape(x, x.numel()), shifts[0], 0), x.shape()));
  if (shifts.empty() || shifts.dims() != dims.dims())
    fail<ShapeError>("wants a shift for each dim, found shifts ", shifts, " and dims ", dims);
  Tensor out = x;
  for (int i = 0; i < dims.dims(); ++i) out = rolled(out, shifts[i], dims[i]);
  return op.done(out);
}

namespace {

/// sizes[d] · times[d]. Throws ShapeError for a negative count, and where there would be more
/// elements of `dtype` than can be.
Shape multiplied(const Shape& sizes, const Shape& times, DType dtype) {
  Shape out = sizes;
  for (int d = 0; d < times.dims(); ++d) {
    if (times[d] < 0) fail<ShapeError>("a count cannot be negative, found ", times);
    if (__builtin_mul_overflow(sizes[d], times[d], &out[d]))
      fail<ShapeError>("size ", sizes[d], " of dimension ", d, ", ", times[d],
                       " times, is beyond 2^63");
  }
  check_sizes(out, size_of(dtype));
  return out;
}

/// The slices of x that stand at each place of the first `d` dimensions, each `times` after one
/// another, as a tensor of `sizes`.
Tensor several(const Tensor& x, int d, int64_t times, const Shape& sizes) {
  if (x.numel() == 0) return reshape(x, sizes);
  int64_t outer = 1;
  for (int i = 0; i < d; ++i) outer *= x.shape()[i];
  const int64_t inner = x.numel() / outer;
  return reshape(expand(reshape(x, {outer, 1, inner}), {outer, times, inner}), sizes);
}

Tensor no_view(const Tensor& x) { return x.is_view() ? clone(x) : x; }

}  // namespace

Tensor repeat(const Tensor& x, const Shape& times) {
  Op op("repeat");
  op.reads(x);
  const int added = times.dims() - x.dims();
  if (added < 0)
    fail<ShapeError>("wants a count for each dimension of ", x.shape(), ", found ", times);
  Shape sizes = Shape::filled(added, 1);
  for (const int64_t size : x.shape()) sizes.push_back(size);
  const Shape all = multiplied(sizes, times, x.dtype());
  Tensor out = reshape(x, sizes);
  for (int d = 0; d < times.dims(); ++d) {
    sizes[d] = all[d];
    if (times[d] != 1) out = several(out, d, times[d], sizes);
  }
  return op.done(no_view(out));
}

Tensor repeat_interleave(const Tensor& x, int64_t times, int64_t dim) {
  Op op("repeat_interleave");
  op.reads(x);
  const int d = normalize_dim(dim, x.dims());
  const Tensor slices = x.dims() == 0 ? reshape(x, {1}) : x;
  Shape counts = Shape::filled(slices.dims(), 1);
  counts[d] = times;
  const Shape sizes = multiplied(slices.shape(), counts, x.dtype());
  return op.done(no_view(several(slices, d + 1, times, sizes)));
}

namespace {

/// x between so many places of `value` along `dim`; a negative number takes places away.
Tensor padded(const Tensor& x, int dim, int64_t before, int64_t after, double value) {
  const int64_t size = x.size(dim);
  const int64_t cut_before = std::min<int64_t>(before, 0), cut_after = std::min<int64_t>(after, 0);
  if (cut_before < -size || cut_after < -size - cut_before)
    fail<ShapeError>("cannot add ", before, " and ", after, " places to dimension ", dim, " of ",
                     x.shape(), ": it has fewer");
  const auto side = [&](int64_t count) {
    Shape sizes = x.shape();
    sizes[dim] = std::max<int64_t>(0, count);
    return full(sizes, value, x.dtype());
  };
  const Tensor kept = narrow(x, dim, -cut_before, size + cut_before + cut_after);
  return cat({side(before), kept, side(after)}, dim);
}

}  // namespace

Tensor pad(const Tensor& x, const Shape& sides, double value) {
  Op op("pad");
  op.reads(x);
  if (sides.dims() % 2 != 0 || sides.dims() > 2 * x.dims())
    fail<ShapeError>("wants two sides for each of some dimensions of ", x.shape(), ", found ",
                     sides);
  Tensor out = x;
  for (int i = 0; i < sides.dims(); i += 2)
    out = padded(out, x.dims() - 1 - i / 2, sides[i], sides[i + 1], value);
  return op.done(sides.empty() ? clone(x) : out);
}

}  // namespace rill
