#include <algorithm>
#include <optional>
#include <utility>

#include <rill/core/autograd.h>
#include <rill/core/kernels/wrap.h>
#include <rill/core/ops.h>
#include <rill/core/ops/copy.h>
#include <rill/core/tensor/tensor_impl.h>

// Views: other sizes and strides over the same storage. Their gradients are the opposite views.

namespace rill {
namespace {

Tensor view_of(const Tensor& x, const Shape& sizes, const Shape& strides) {
  return make_view(x, sizes, strides, x.impl()->offset);
}

/// Where the one -1 in `shape` stands; -1 where there is none.
int unknown_dim(const Shape& shape) {
  int unknown = -1;
  for (int d = 0; d < shape.dims(); ++d) {
    if (shape[d] != -1) continue;
    if (unknown >= 0) fail<ShapeError>("only one size may be -1, found two in ", shape);
    unknown = d;
  }
  return unknown;
}

/// `shape` with its -1 replaced by what the element count of `x` leaves for it.
Shape resolve_shape(const Tensor& x, const Shape& shape) {
  Shape sizes = shape;
  const int unknown = unknown_dim(shape);
  if (unknown >= 0) sizes[unknown] = 1;
  check_sizes(sizes, size_of(x.dtype()));
  const int64_t known = sizes.numel();
  if (unknown >= 0 && known == 0)
    fail<ShapeError>("the -1 in ", shape, " is ambiguous beside a size of 0: name every size");
  if (unknown >= 0) sizes[unknown] = x.numel() / known;
  if (sizes.numel() != x.numel())
    fail<ShapeError>("cannot see ", x.shape(), " with its ", x.numel(), " elements as ", shape);
  return sizes;
}

/// Gives strides to the sizes that together make up one run of memory, last size first, until
/// `numel` elements are covered. Returns the next dimension to do.
int fill_run(const Shape& sizes, Shape& strides, int d, int64_t stride, int64_t numel) {
  int64_t covered = 1;
  while (d >= 0 && (covered < numel || sizes[d] == 1)) {
    strides[d] = stride * covered;
    covered *= sizes[d--];
  }
  return covered == numel ? d : -2;
}

/// Strides with which `sizes` shows the elements of `x` in their order; nothing where no strides
/// can. The dimensions of x fall into runs that lie in memory like one dimension; each must be
/// made up by whole new dimensions.
std::optional<Shape> strides_for(const Tensor& x, const Shape& sizes) {
  if (x.numel() == 0) return sizes == x.shape() ? x.strides() : contiguous_strides(sizes);
  Shape strides = Shape::filled(sizes.dims(), 1);
  int next = sizes.dims() - 1;
  int64_t run_numel = 1;
  int64_t run_stride = x.dims() == 0 ? 1 : x.strides().back();
  for (int d = x.dims() - 1; d >= 0; --d) {
    run_numel *= x.shape()[d];
    const bool ends =
        d == 0 || (x.shape()[d - 1] != 1 && x.strides()[d - 1] != run_numel * run_stride);
    if (!ends) continue;
    next = fill_run(sizes, strides, next, run_stride, run_numel);
    if (next == -2) return std::nullopt;
    run_numel = 1;
    if (d > 0) run_stride = x.strides()[d - 1];
  }
  return strides;
}

Tensor record_reshaped(Op& op, const Tensor& out, const Tensor& x) {
  return op.record(
      out, row(x, "dout in the shape of x", keep(x.shape()),
               [](const Tensor& dout, const Shape& shape) { return reshape(dout, shape); }));
}

void swap_entries(Shape& shape, int a, int b) { std::swap(shape[a], shape[b]); }

/// `dims` counted from the front, each once.
Shape check_permutation(const Shape& dims, int of_dims) {
  if (dims.dims() != of_dims)
    fail<ShapeError>("need an order of all ", of_dims, " dimensions, found ", dims);
  Shape order;
  for (const int64_t dim : dims) order.push_back(normalize_dim(dim, of_dims));
  normalize_dims(order, of_dims);
  return order;
}

Shape inverse(const Shape& order) {
  Shape back = order;
  for (int d = 0; d < order.dims(); ++d) back[order[d]] = d;
  return back;
}

/// The size that `expand` gives dimension `d` of x (below 0: a new one in front).
int64_t expanded_size(const Tensor& x, const Shape& shape, int d, int64_t asked) {
  if (asked == -1 && d >= 0) return x.shape()[d];
  if (asked < 0)
    fail<ShapeError>("cannot expand ", x.shape(), " to ", shape,
                     d < 0 ? ": a new dimension needs its size" : ": a size is negative");
  if (d >= 0 && x.shape()[d] != 1 && x.shape()[d] != asked)
    fail<ShapeError>("cannot expand ", x.shape(), " to ", shape, ": only a size of 1 stretches");
  return asked;
}

}  // namespace

Tensor view(const Tensor& x, const Shape& shape) {
  Op op("view");
  const Shape sizes = resolve_shape(x, shape);
  const std::optional<Shape> strides = strides_for(x, sizes);
  if (!strides)
    fail<ShapeError>("the strides ", x.strides(), " of ", x.shape(), " cannot express ", sizes,
                     " without a copy: use reshape");
  return record_reshaped(op, view_of(x, sizes, *strides), x);
}

Tensor reshape(const Tensor& x, const Shape& shape) {
  Op op("reshape");
  const Shape sizes = resolve_shape(x, shape);
  if (const std::optional<Shape> strides = strides_for(x, sizes))
    return record_reshaped(op, view_of(x, sizes, *strides), x);
  const Tensor out = Tensor::empty(sizes, x.dtype());
  detail::copy_in_order(x, out);
  return record_reshaped(op, out, x);
}

Tensor flatten(const Tensor& x, int64_t start_dim, int64_t end_dim) {
  Op op("flatten");
  op.reads(x);
  const int first = normalize_dim(start_dim, x.dims());
  const int last = normalize_dim(end_dim, x.dims());
  if (x.dims() == 0) return op.done(reshape(x, {1}));
  if (first > last)
    fail<ShapeError>("start_dim ", start_dim, " comes after end_dim ", end_dim, " in ", x.shape());
  Shape sizes;
  for (int d = 0; d < x.dims(); ++d) {
    if (d > first && d <= last)
      sizes[first] = kernels::wrapped_product(sizes[first], x.shape()[d]);
    else
      sizes.push_back(x.shape()[d]);
  }
  return op.done(reshape(x, sizes));
}

Tensor transpose(const Tensor& x, int64_t dim0, int64_t dim1) {
  Op op("transpose");
  const int a = normalize_dim(dim0, x.dims());
  const int b = normalize_dim(dim1, x.dims());
  Shape sizes = x.shape();
  Shape strides = x.strides();
  if (x.dims() > 0) {
    swap_entries(sizes, a, b);
    swap_entries(strides, a, b);
  }
  return op.record(view_of(x, sizes, strides),
                   row(x, "doutᵀ", keep(a, b),
                       [](const Tensor& dout, int a, int b) { return transpose(dout, a, b); }));
}

Tensor permute(const Tensor& x, const Shape& dims) {
  Op op("permute");
  const Shape order = check_permutation(dims, x.dims());
  Shape sizes = x.shape();
  Shape strides = x.strides();
  for (int d = 0; d < x.dims(); ++d) {
    sizes[d] = x.shape()[order[d]];
    strides[d] = x.strides()[order[d]];
  }
  return op.record(view_of(x, sizes, strides),
                   row(x, "dout, permuted back", keep(inverse(order)),
                       [](const Tensor& dout, const Shape& back) { return permute(dout, back); }));
}

Tensor movedim(const Tensor& x, const Shape& source, const Shape& destination) {
  Op op("movedim");
  op.reads(x);
  const Shape moved = normalize_dims(source, x.dims());
  static_cast<void>(normalize_dims(destination, x.dims()));
  if (source.dims() != destination.dims())
    fail<ShapeError>("there are ", source.dims(), " dims to move and ", destination.dims(),
                     " places for them");
  if (x.dims() == 0) return op.done(alias(x));
  Shape order = Shape::filled(x.dims(), -1);
  for (int i = 0; i < source.dims(); ++i)
    order[normalize_dim(destination[i], x.dims())] = normalize_dim(source[i], x.dims());
  for (int d = 0; d < x.dims(); ++d)
    if (std::ranges::find(moved, d) == moved.end())
      *std::find(order.data(), order.data() + x.dims(), -1) = d;
  return op.done(permute(x, order));
}

Tensor squeeze(const Tensor& x) {
  Op op("squeeze");
  Shape sizes;
  Shape strides;
  for (int d = 0; d < x.dims(); ++d) {
    if (x.shape()[d] == 1) continue;
    sizes.push_back(x.shape()[d]);
    strides.push_back(x.strides()[d]);
  }
  return record_reshaped(op, view_of(x, sizes, strides), x);
}

Tensor squeeze(const Tensor& x, int64_t dim) {
  Op op("squeeze");
  const int d = normalize_dim(dim, x.dims());
  Shape sizes = x.shape();
  Shape strides = x.strides();
  if (x.dims() > 0 && sizes[d] == 1) {
    sizes.erase(d);
    strides.erase(d);
  }
  return record_reshaped(op, view_of(x, sizes, strides), x);
}

Tensor unsqueeze(const Tensor& x, int64_t dim) {
  Op op("unsqueeze");
  const int d = normalize_dim(dim, x.dims() + 1);
  Shape sizes = x.shape();
  Shape strides = x.strides();
  strides.insert(d, d < x.dims() ? sizes[d] * strides[d] : 1);
  sizes.insert(d, 1);
  return record_reshaped(op, view_of(x, sizes, strides), x);
}

Tensor expand(const Tensor& x, const Shape& shape) {
  Op op("expand");
  const int added = shape.dims() - x.dims();
  if (added < 0)
    fail<ShapeError>("cannot expand ", x.shape(), " to ", shape, ", which has fewer dimensions");
  Shape sizes = shape;
  Shape strides = Shape::filled(shape.dims(), 0);
  for (int i = 0; i < shape.dims(); ++i) {
    const int d = i - added;
    sizes[i] = expanded_size(x, shape, d, shape[i]);
    if (d >= 0 && x.shape()[d] == sizes[i]) strides[i] = x.strides()[d];
  }
  check_sizes(sizes, size_of(x.dtype()));
  return op.record(view_of(x, sizes, strides),
                   row(x, "dout summed over what was stretched", keep(x.shape()),
                       [](const Tensor& dout, const Shape& shape) { return sum_to(dout, shape); }));
}

Tensor alias(const Tensor& x) {
  Op op("alias");
  return op.record(view_of(x, x.shape(), x.strides()),
                   row(x, "dout", [](const Tensor& dout) { return dout; }));
}

}  // namespace rill
