#include <rill/core/autograd.h>
#include <rill/core/ops.h>
#include <rill/core/ops/copy.h>
#include <rill/core/ops/kernel_call.h>

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

Tensor repeat(const Tensor& x, const Shape& times) {
  Op op("repeat");
  op.reads(x);
  const int added = times.dims() - x.dims();
  if (added < 0)
    fail<ShapeError>("wants a count for each dimension of ", x.shape(), ", found ", times);
  Shape sizes = Shape::filled(added, 1);
  for (const int64_t size : x.shape()) sizes.push_back(size);
  Tensor out = reshape(x, sizes);
  for (int d = 0; d < times.dims(); ++d) {
    if (times[d] < 0) fail<ShapeError>("a count cannot be negative, found ", times);
    if (times[d] == 0) out = narrow(out, d, 0, 0);
    if (times[d] > 1) out = cat(std::vector<Tensor>(static_cast<size_t>(times[d]), out), d);
  }
  return op.done(out.is_view() ? clone(out) : out);
}

}  // namespace rill
