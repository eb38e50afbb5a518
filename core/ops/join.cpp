#include <rill/core/autograd.h>
#include <rill/core/ops.h>
#include <rill/core/ops/copy.h>
#include <rill/core/tensor/tensor_impl.h>

namespace rill {
namespace {

/// Joins a list: [0] beside tensors of more dimensions is left out, as NumPy once did.
bool is_skipped(const Tensor& tensor) { return tensor.shape() == Shape{0}; }

void check_list(const std::vector<Tensor>& tensors) {
  if (tensors.empty()) fail<ValueError>("the list of tensors is empty");
  for (const Tensor& tensor : tensors)
    if (tensor.dtype() != tensors[0].dtype())
      fail<DTypeError>("tensors of one dtype are needed, found ", tensors[0].dtype(), " and ",
                       tensor.dtype(), ": convert with to");
}

/// The first tensor that tells the shape of the joined one.
const Tensor& model_of(const std::vector<Tensor>& tensors) {
  for (const Tensor& tensor : tensors)
    if (!is_skipped(tensor)) return tensor;
  return tensors[0];
}

/// The sizes of all joined along `dim`.
Shape joined_shape(const std::vector<Tensor>& tensors, const Shape& model, int dim) {
  for (size_t i = 0; i < tensors.size(); ++i)
    if (tensors[i].dims() == 0) fail<ShapeError>("tensor ", i, " has no dimensions: use stack");
  Shape sizes = model;
  sizes[dim] = 0;
  for (size_t i = 0; i < tensors.size(); ++i) {
    const Shape& shape = tensors[i].shape();
    if (is_skipped(tensors[i])) continue;
    bool fits = shape.dims() == model.dims();
    for (int d = 0; fits && d < shape.dims(); ++d) fits = d == dim || shape[d] == model[d];
    if (!fits)
      fail<ShapeError>("tensor ", i, " of shape ", shape, " does not fit ", model,
                       ": all sizes but that of dimension ", dim, " must be equal");
    if (__builtin_add_overflow(sizes[dim], shape[dim], &sizes[dim]))
      fail<ShapeError>("together they have more than 2^63 places along dimension ", dim);
  }
  return sizes;
}

/// The part of `dout` that came from a tensor of `shape`, which may have been left out.
Tensor part_of(const Tensor& dout, int dim, int64_t start, const Shape& shape) {
  if (shape == Shape{0}) return zeros(shape, dout.dtype());
  return narrow(dout, dim, start, shape[dim]);
}

auto row_of_part(const Tensor& tensor, int dim, int64_t start) {
  return row(tensor, "its part of dout", keep(dim, start, tensor.shape()),
             [](const Tensor& dout, int dim, int64_t start, const Shape& shape) {
               return part_of(dout, dim, start, shape);
             });
}

auto row_of_slice(const Tensor& tensor, int dim, int64_t index) {
  return row(tensor, "its slice of dout", keep(dim, index),
             [](const Tensor& dout, int dim, int64_t index) { return select(dout, dim, index); });
}

}  // namespace

Tensor cat(const std::vector<Tensor>& tensors, int64_t dim) {
  Op op("cat");
  check_list(tensors);
  const Shape& model = model_of(tensors).shape();
  const int d = normalize_dim(dim, model.dims());
  const Tensor out = Tensor::empty(joined_shape(tensors, model, d), tensors[0].dtype());
  std::vector<decltype(row_of_part(tensors[0], 0, 0))> rows;
  int64_t start = 0;
  for (const Tensor& tensor : tensors) {
    rows.push_back(row_of_part(tensor, d, start));
    if (is_skipped(tensor)) continue;
    const int64_t offset = start * out.strides()[d];
    detail::copy_into(make_view(out, tensor.shape(), out.strides(), offset), tensor);
    start += tensor.shape()[d];
  }
  return op.record(out, rows);
}

Tensor stack(const std::vector<Tensor>& tensors, int64_t dim) {
  Op op("stack");
  check_list(tensors);
  const Shape& each = tensors[0].shape();
  const int d = normalize_dim(dim, each.dims() + 1);
  Shape sizes = each;
  sizes.insert(d, static_cast<int64_t>(tensors.size()));
  const Tensor out = Tensor::empty(sizes, tensors[0].dtype());
  Shape strides = out.strides();
  strides.erase(d);
  std::vector<decltype(row_of_slice(tensors[0], 0, 0))> rows;
  for (size_t i = 0; i < tensors.size(); ++i) {
    if (!(tensors[i].shape() == each))
      fail<ShapeError>("tensor ", i, " of shape ", tensors[i].shape(), " does not fit ", each,
                       ": all shapes must be equal");
    const int64_t index = static_cast<int64_t>(i);
    detail::copy_into(make_view(out, each, strides, index * out.strides()[d]), tensors[i]);
    rows.push_back(row_of_slice(tensors[i], d, index));
  }
  return op.record(out, rows);
}

}  // namespace rill
