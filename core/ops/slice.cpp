#include <algorithm>
#include <optional>

#include <rill/core/autograd.h>
#include <rill/core/ops.h>
#include <rill/core/ops/copy.h>
#include <rill/core/tensor/tensor_impl.h>

// Views of a part of a tensor. Their gradient is zero outside of that part.

namespace rill {
namespace {

/// Every `step`-th place along `dim`, `length` of them from `start` on.
struct Range {
  int dim;
  int64_t start;
  int64_t length;
  int64_t step;
};

Tensor view_of_range(const Tensor& x, const Range& range) {
  Shape sizes = x.shape();
  Shape strides = x.strides();
  const int64_t offset = x.impl()->offset + (range.length ? range.start * strides[range.dim] : 0);
  sizes[range.dim] = range.length;
  strides[range.dim] *= range.step;
  return make_view(x, sizes, strides, offset);
}

Tensor slice_of(Op& op, const Tensor& x, const Range& range);

/// Zeros of `shape` with x in the places of `range`: the gradient of a slice.
Tensor pad_to(const Tensor& x, const Shape& shape, const Range& range) {
  Op op("slice_backward");
  const Tensor out = zeros(shape, x.dtype());
  detail::copy_into(view_of_range(out, range), x);
  return op.record(out,
                   row(x, "dout, sliced", keep(range), [](const Tensor& dout, const Range& range) {
                     Op op("slice");
                     return slice_of(op, dout, range);
                   }));
}

Tensor slice_of(Op& op, const Tensor& x, const Range& range) {
  const auto part = [](const Tensor& total, const Shape&, const Range& range) {
    return view_of_range(total, range);
  };
  return op.record_part(view_of_range(x, range), part,
                        row(x, "zeros with dout in place of the slice", keep(x.shape(), range),
                            [](const Tensor& dout, const Shape& shape, const Range& range) {
                              return pad_to(dout, shape, range);
                            }));
}

/// The only place of `range`, without its dimension.
Tensor view_of_place(const Tensor& x, const Range& range) {
  const Tensor part = view_of_range(x, range);
  Shape sizes = part.shape(), strides = part.strides();
  sizes.erase(range.dim);
  strides.erase(range.dim);
  return make_view(part, sizes, strides, part.impl()->offset);
}

int dim_to_cut(const Tensor& x, int64_t dim) {
  if (x.dims() == 0) fail<ShapeError>("a tensor without dimensions has no parts");
  return normalize_dim(dim, x.dims());
}

int64_t clamped_place(int64_t place, int64_t size) {
  return std::clamp<int64_t>(place < 0 ? place + size : place, 0, size);
}

}  // namespace

Tensor narrow(const Tensor& x, int64_t dim, int64_t start, int64_t length) {
  Op op("narrow");
  const int d = dim_to_cut(x, dim);
  const int64_t size = x.shape()[d];
  if (length < 0) fail<ShapeError>("negative length ", length);
  if (start < -size || start > size)
    fail<IndexError>("start ", start, " is out of range for dimension ", d, " of ", x.shape());
  const int64_t first = start < 0 ? start + size : start;
  if (length > size - first)
    fail<IndexError>("start ", start, " and length ", length, " go beyond size ", size,
                     " of dimension ", d, " of ", x.shape());
  return slice_of(op, x, {d, first, length, 1});
}

Tensor slice(const Tensor& x, int64_t dim, int64_t start, std::optional<int64_t> end,
             int64_t step) {
  Op op("slice");
  const int d = dim_to_cut(x, dim);
  if (step < 1) fail<ValueError>("step must be 1 or more, found ", step);
  const int64_t size = x.shape()[d], first = clamped_place(start, size);
  const int64_t span = std::max<int64_t>(0, clamped_place(end.value_or(size), size) - first);
  const int64_t length = span / step + (span % step != 0);
  return slice_of(op, x, {d, first, length, length > 1 ? step : 1});
}

Tensor select(const Tensor& x, int64_t dim, int64_t index) {
  Op op("select");
  const int d = dim_to_cut(x, dim);
  const int64_t size = x.shape()[d];
  if (index < -size || index >= size)
    fail<IndexError>("index ", index, " is out of range for dimension ", d, " of ", x.shape());
  const Range range{d, index < 0 ? index + size : index, 1, 1};
  const auto part = [](const Tensor& total, const Shape&, const Range& range) {
    return view_of_place(total, range);
  };
  return op.record_part(view_of_place(x, range), part,
                        row(x, "zeros with dout in place of the selected", keep(x.shape(), range),
                            [](const Tensor& dout, const Shape& shape, const Range& range) {
                              return pad_to(unsqueeze(dout, range.dim), shape, range);
                            }));
}

std::vector<Tensor> unbind(const Tensor& x, int64_t dim) {
  Op op("unbind");
  const int64_t count = x.shape()[dim_to_cut(x, dim)];
  std::vector<Tensor> parts;
  for (int64_t i = 0; i < count; ++i) parts.push_back(select(x, dim, i));
  return parts;
}

std::vector<Tensor> split(const Tensor& x, const std::vector<int64_t>& sizes, int64_t dim) {
  Op op("split");
  const int d = dim_to_cut(x, dim);
  int64_t left = x.shape()[d];
  for (const int64_t size : sizes) {
    if (size < 0) fail<ShapeError>("negative size ", size);
    if (size > left)
      fail<ShapeError>("the sizes of the parts exceed size ", x.shape()[d], " of dimension ", d,
                       " of ", x.shape());
    left -= size;
  }
  if (left != 0)
    fail<ShapeError>("the sizes of the parts leave ", left, " of size ", x.shape()[d],
                     " of dimension ", d, " of ", x.shape());
  std::vector<Tensor> parts;
  int64_t start = 0;
  for (const int64_t size : sizes) {
    parts.push_back(slice_of(op, x, {d, start, size, 1}));
    start += size;
  }
  return parts;
}

std::vector<Tensor> split(const Tensor& x, int64_t size, int64_t dim) {
  Op op("split");
  const int64_t whole = x.shape()[dim_to_cut(x, dim)];
  if (size < 0 || (size == 0 && whole > 0))
    fail<ValueError>("parts of size ", size, " do not make up a size of ", whole);
  const int64_t parts = whole == 0 ? 1 : (whole - 1) / size + 1;
  std::vector<int64_t> sizes(static_cast<size_t>(parts), size);
  sizes.back() = whole - size * (parts - 1);
  return split(x, sizes, dim);
}

std::vector<Tensor> chunk(const Tensor& x, int64_t chunks, int64_t dim) {
  Op op("chunk");
  if (chunks < 1) fail<ValueError>("need 1 chunk or more, found ", chunks);
  const int64_t whole = x.shape()[dim_to_cut(x, dim)];
  if (whole == 0) return split(x, std::vector<int64_t>(static_cast<size_t>(chunks), 0), dim);
  return split(x, (whole - 1) / chunks + 1, dim);
}

}  // namespace rill
