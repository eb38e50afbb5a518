#include <rill/core/inplace.h>
#include <rill/core/ops.h>
#include <rill/core/ops/kernel_call.h>
#include <rill/core/option.h>
#include <rill/core/tensor.h>

// What is written by hand among the members; those of the ops are made from ops.h.

namespace rill {

Tensor Tensor::T() const { return rill::transpose(*this, -2, -1); }

namespace {

/// `sizes`, one of which may be -1, that make up `whole` places.
Shape parts_of(int64_t whole, const Shape& sizes) {
  Shape parts = sizes;
  int unknown = -1;
  for (int d = 0; d < sizes.dims(); ++d)
    if (sizes[d] == -1 && unknown < 0) parts[unknown = d] = 1;
  check_sizes(parts, 1);
  const int64_t known = parts.numel();
  if (unknown >= 0 && known > 0) parts[unknown] = whole / known;
  if (parts.numel() != whole)
    fail<ShapeError>("unflatten: a dimension of ", whole, " cannot be seen as ", sizes);
  return parts;
}

}  // namespace

Tensor Tensor::unflatten(int64_t dim, const Shape& sizes) const {
  const Shape parts = parts_of(size(dim), sizes);
  const int split = normalize_dim(dim, dims());
  Shape all;
  for (int d = 0; d < dims(); ++d) {
    if (d != split) all.push_back(size(d));
    if (d == split)
      for (const int64_t part : parts) all.push_back(part);
  }
  return view(all);
}

Tensor Tensor::operator[](int64_t index) const { return rill::select(*this, 0, index); }

namespace {
Tensor picked(const Tensor& x, const Tensor& index) {
  if (index.dtype() != bool_) {
    if (index.dims() == 0) return rill::index_select(x, 0, index.view({1}))[0];
    if (index.dims() != 1)
      fail<ShapeError>("[]: wants the number of a row [], or numbers of rows [n], found ",
                       index.shape(), "; embedding(ids, x) takes ids of any shape");
    return rill::index_select(x, 0, index);
  }
  if (index.shape() == x.shape()) return rill::masked_select(x, index);
  if (x.dims() == 0 || index.shape() != Shape{x.size(0)})
    fail<ShapeError>("[]: a mask for ", x.shape(), " has its shape or is [size(0)], found ",
                     index.shape());
  return rill::index_select(x, 0, rill::nonzero(index).squeeze(1));
}
}  // namespace

const Tensor Tensor::operator[](const Tensor& index) const { return picked(*this, index); }

Tensor ValuesAndIndices::operator[](int64_t i) const {
  return detail::want_index("of values and indices, number", i, 2) == 0 ? values : indices;
}

const Tensor& Tensor::zero_() const { return rill::zero_(*this); }
const Tensor& Tensor::fill_(double value) const { return rill::fill_(*this, value); }
const Tensor& Tensor::copy_(const Tensor& source) const { return rill::copy_(*this, source); }
const Tensor& Tensor::add_(const Tensor& other, double alpha) const {
  return rill::add_(*this, other, alpha);
}
const Tensor& Tensor::add_(double value) const {
  return rill::add_(*this, detail::scalar_like(*this, value));
}
const Tensor& Tensor::sub_(const Tensor& other) const { return rill::sub_(*this, other); }
const Tensor& Tensor::mul_(const Tensor& other) const { return rill::mul_(*this, other); }
const Tensor& Tensor::mul_(double value) const {
  return rill::mul_(*this, detail::scalar_like(*this, value));
}
const Tensor& Tensor::div_(const Tensor& other) const { return rill::div_(*this, other); }
const Tensor& Tensor::sub_(double value) const {
  return rill::sub_(*this, detail::scalar_like(*this, value));
}
const Tensor& Tensor::div_(double value) const {
  return rill::div_(*this, detail::scalar_like(*this, value));
}

}  // namespace rill
