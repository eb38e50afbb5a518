#include <algorithm>
#include <limits>
#include <type_traits>

#include <rill/core/autograd.h>
#include <rill/core/kernels/gather.h>
#include <rill/core/kernels/wrap.h>
#include <rill/core/ops.h>
#include <rill/core/ops/kernel_call.h>
#include <rill/core/tensor/tensor_impl.h>

// Looking things up by number. Looking up and adding up are each other's gradients: embedding and
// index_select with add_slices, gather with scatter_add.

namespace rill {
namespace {

/// for_dtype for what can be summed.
template <class Body>
void with_number_type(DType dtype, Body body) {
  if (dtype == DType::bool_) fail<DTypeError>("bool cannot be added up: convert with to");
  detail::for_dtype(dtype, [&](auto zero) {
    if constexpr (!std::is_same_v<decltype(zero), bool>) body(zero);
  });
}

/// `ids` row-major, all of them in [0, bound).
Tensor check_ids(const Tensor& ids, int64_t bound, const char* kind) {
  if (ids.dtype() != int64)
    fail<DTypeError>(kind, " must be int64, found ", ids.dtype(), ": convert with to(int64)");
  const Tensor flat = detail::row_major(ids);
  const int64_t* numbers = flat.data<int64_t>();
  const int64_t bad = kernels::first_out_of_range(flat.numel(), numbers, bound);
  if (bad >= 0)
    fail<IndexError>(kind, " ", numbers[bad], " at ", detail::index_of(bad, ids.shape()),
                     " is out of range: must lie in [0, ", bound, ")");
  return flat;
}

/// The same for places along a dimension. A mask is refused: as int64 it would name places 0 and 1.
Tensor check_index(const Tensor& index, int64_t bound) {
  if (index.dtype() == bool_)
    fail<DTypeError>("index must be int64 places, found a bool mask: list the places where it is ",
                     "true, or set the others to a number with where or masked_fill");
  return check_ids(index, bound, "index");
}

/// x as [outer, size, inner] around a dimension.
struct Around {
  int64_t outer = 1;
  int64_t size = 1;
  int64_t inner = 1;
  Around(const Shape& shape, int dim) : size(shape[dim]) {
    for (int d = 0; d < shape.dims(); ++d)
      if (int64_t& count = d < dim ? outer : inner; d != dim)
        count = kernels::wrapped_product(count, shape[d]);
  }
};

Tensor select_slices(Op& op, const Tensor& x, int dim, const Tensor& index);

/// Zeros of `shape` with the slices of `source` added at `index` of `dim`: the gradient of
/// index_select.
Tensor add_slices(const Tensor& source, const Shape& shape, int dim, const Tensor& index) {
  Op op("index_add");
  op.reads(index);
  const Tensor out = zeros(shape, source.dtype());
  const Tensor from = detail::row_major(source);
  const Around around(shape, dim);
  with_number_type(source.dtype(), [&](auto zero) {
    using T = decltype(zero);
    kernels::index_add(around.outer, around.size, around.inner, index.numel(),
                       index.data<int64_t>(), from.data<T>(), out.data<T>());
  });
  return op.record(out, row(source, "dout at index", keep(dim, constant(index)),
                            [](const Tensor& dout, int dim, const Tensor& index) {
                              Op op("index_select");
                              return select_slices(op, dout, dim, index);
                            }));
}

/// The slices of x at `index`, which has been checked.
Tensor select_slices(Op& op, const Tensor& x, int dim, const Tensor& index) {
  op.reads(index);
  const Around around(x.shape(), dim);
  Shape sizes = x.shape();
  sizes[dim] = index.numel();
  const Tensor out = Tensor::empty(sizes, x.dtype());
  const Tensor from = detail::row_major(x);
  detail::for_dtype(x.dtype(), [&](auto zero) {
    using T = decltype(zero);
    kernels::index_select(around.outer, around.size, around.inner, from.data<T>(), index.numel(),
                          index.data<int64_t>(), out.data<T>());
  });
  return op.record(out,
                   row(x, "slices of dout added up by index", keep(x.shape(), dim, constant(index)),
                       [](const Tensor& dout, const Shape& shape, int dim, const Tensor& index) {
                         return add_slices(dout, shape, dim, index);
                       }));
}

/// For each id 1 / (how often it occurs), as [..., 1].
Tensor inverse_frequencies(const Tensor& ids, int64_t num_embeddings, DType dtype) {
  const Tensor occurring = zeros({num_embeddings}, int64);
  int64_t* counts = occurring.data<int64_t>();
  const int64_t* numbers = ids.data<int64_t>();
  for (int64_t i = 0; i < ids.numel(); ++i) ++counts[numbers[i]];
  Shape sizes = ids.shape();
  sizes.push_back(1);
  const Tensor out = Tensor::empty(sizes, float64);
  for (int64_t i = 0; i < ids.numel(); ++i)
    out.data<double>()[i] = 1.0 / static_cast<double>(counts[numbers[i]]);
  return to(out, dtype);
}

/// The gradient of the table: rows of dout added up by id.
Tensor add_rows(const Tensor& dout, const Shape& table, const Tensor& ids,
                const EmbeddingOptions& options) {
  Tensor rows = dout;
  if (options.scale_grad_by_freq) rows = rows * inverse_frequencies(ids, table[0], dout.dtype());
  if (options.padding_idx >= 0) {
    const Tensor is_padding = eq(ids, static_cast<double>(options.padding_idx));
    rows = masked_fill(rows, unsqueeze(is_padding, -1), 0.0);
  }
  return add_slices(reshape(rows, {ids.numel(), table[1]}), table, 0, ids);
}

bool is_smaller(const Shape& index, const Shape& other, int except) {
  bool fits = index.dims() == other.dims();
  for (int d = 0; fits && d < index.dims(); ++d) fits = d == except || index[d] <= other[d];
  return fits;
}

void check_index_shape(const Tensor& index, const Tensor& x, int dim) {
  if (!is_smaller(index.shape(), x.shape(), dim))
    fail<ShapeError>("index ", index.shape(), " must have as many dimensions as x ", x.shape(),
                     " and be no larger but along dimension ", dim);
}

void scatter_into(const Tensor& out, int dim, const Tensor& index, const Tensor& source) {
  with_number_type(out.dtype(), [&](auto zero) {
    using T = decltype(zero);
    kernels::scatter_add(index.dims(), index.shape().data(), dim, index.data<int64_t>(),
                         source.data<T>(), source.strides().data(), out.data<T>(),
                         out.strides().data());
  });
}

Tensor gather_at(Op& op, const Tensor& x, int dim, const Tensor& index);

/// Zeros of `shape` with `source` added at `index`: the gradient of gather.
Tensor scatter_to(const Tensor& source, const Shape& shape, int dim, const Tensor& index) {
  Op op("gather_backward");
  op.reads(index);
  const Tensor out = zeros(shape, source.dtype());
  scatter_into(out, dim, index, source);
  return op.record(out, row(source, "dout at index", keep(dim, constant(index)),
                            [](const Tensor& dout, int dim, const Tensor& index) {
                              Op op("gather");
                              return gather_at(op, dout, dim, index);
                            }));
}

Tensor gather_at(Op& op, const Tensor& x, int dim, const Tensor& index) {
  op.reads(index);
  const Tensor out = Tensor::empty(index.shape(), x.dtype());
  detail::for_dtype(x.dtype(), [&](auto zero) {
    using T = decltype(zero);
    kernels::gather(index.dims(), index.shape().data(), dim, x.data<T>(), x.strides().data(),
                    index.data<int64_t>(), out.data<T>());
  });
  return op.record(out,
                   row(x, "zeros with dout added at index", keep(x.shape(), dim, constant(index)),
                       [](const Tensor& dout, const Shape& shape, int dim, const Tensor& index) {
                         return scatter_to(dout, shape, dim, index);
                       }));
}

/// The part of `source` that an index of `sizes` uses.
Tensor cut_to(const Tensor& source, const Shape& sizes) {
  Tensor part = source;
  for (int d = 0; d < sizes.dims(); ++d)
    if (part.shape()[d] != sizes[d]) part = narrow(part, d, 0, sizes[d]);
  return part;
}

int64_t classes_of(const Tensor& ids, int64_t num_classes) {
  if (num_classes != -1) return num_classes;
  if (ids.numel() == 0)
    fail<ValueError>("ids of shape ", ids.shape(), " are empty: name num_classes");
  const int64_t* numbers = ids.data<int64_t>();
  return 1 + std::max<int64_t>(0, *std::max_element(numbers, numbers + ids.numel()));
}

}  // namespace

Tensor embedding(const Tensor& weight, const Tensor& ids, EmbeddingOptions options) {
  if (weight.defined() && ids.defined() && is_floating(ids.dtype()) && !is_floating(weight.dtype()))
    return embedding(ids, weight, options);
  Op op("embedding");
  op.reads(ids);
  if (ids.dtype() != int64)
    fail<DTypeError>("id must be int64, found ", weight.dtype(), " ", weight.shape(), " and ",
                     ids.dtype(), " ", ids.shape(), ": convert the ids with to(int64)");
  if (weight.dims() != 2)
    fail<ShapeError>("weight must be [num_embeddings, embedding_dim], found ", weight.shape());
  const Shape& table = weight.shape();
  if (options.padding_idx < -1 || options.padding_idx >= table[0])
    fail<IndexError>("padding_idx ", options.padding_idx, " is out of range: must lie in [0, ",
                     table[0], "), or be -1 for none");
  const Tensor flat = check_ids(ids, table[0], "id");
  Shape sizes = ids.shape();
  sizes.push_back(table[1]);
  const Tensor out = Tensor::empty(sizes, weight.dtype());
  const Tensor from = detail::row_major(weight);
  detail::for_dtype(weight.dtype(), [&](auto zero) {
    using T = decltype(zero);
    kernels::index_select(1, table[0], table[1], from.data<T>(), flat.numel(), flat.data<int64_t>(),
                          out.data<T>());
  });
  return op.record(
      out,
      row(weight, "rows of dout added up by id", keep(table, constant(flat), options),
          [](const Tensor& dout, const Shape& table, const Tensor& ids,
             const EmbeddingOptions& options) { return add_rows(dout, table, ids, options); }));
}

Tensor index_select(const Tensor& x, int64_t dim, const Tensor& index) {
  Op op("index_select");
  const int d = normalize_dim(dim, x.dims());
  if (index.dims() > 1) fail<ShapeError>("index must have one dimension, found ", index.shape());
  if (x.dims() == 0) {
    op.reads(x, index);
    return op.done(reshape(index_select(reshape(x, {1}), 0, index), {}));
  }
  return select_slices(op, x, d, check_index(index, x.shape()[d]));
}

Tensor gather(const Tensor& x, int64_t dim, const Tensor& index) {
  Op op("gather");
  const int d = normalize_dim(dim, x.dims());
  check_index_shape(index, x, d);
  if (x.dims() == 0) {
    op.reads(x, index);
    return op.done(reshape(gather(reshape(x, {1}), 0, reshape(index, {1})), {}));
  }
  return gather_at(op, x, d, check_index(index, x.shape()[d]));
}

Tensor take_along_dim(const Tensor& x, const Tensor& index, int64_t dim) {
  Op op("take_along_dim");
  op.reads(x, index);
  const int d = normalize_dim(dim, x.dims());
  if (x.dims() != index.dims())
    fail<ShapeError>("the index ", index.shape(), " must have as many dimensions as ", x.shape());
  if (x.dims() == 0) return op.done(gather(x, dim, index));
  Shape slices = x.shape(), wanted = index.shape();
  slices[d] = wanted[d] = 1;
  Shape shape = broadcast_shapes(slices, wanted);
  const auto stretched = [&](const Tensor& part) {
    shape[d] = part.shape()[d];
    return expand(part, shape);
  };
  return op.done(gather(stretched(x), d, stretched(index)));
}

Tensor scatter_add(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& source) {
  Op op("scatter_add");
  op.reads(index);
  const int d = normalize_dim(dim, x.dims());
  if (x.dtype() != source.dtype())
    fail<DTypeError>("cannot add ", source.dtype(), " to ", x.dtype(), ": convert one with to");
  check_index_shape(index, x, d);
  if (!is_smaller(index.shape(), source.shape(), -1))
    fail<ShapeError>("index ", index.shape(), " must have as many dimensions as the source ",
                     source.shape(), " and be no larger");
  if (x.dims() == 0) {
    op.reads(x, source);
    return op.done(
        reshape(scatter_add(reshape(x, {1}), 0, reshape(index, {1}), reshape(source, {1})), {}));
  }
  const Tensor places = check_index(index, x.shape()[d]);
  const Tensor used = cut_to(source, places.shape());
  const Tensor out = detail::row_major_copy(x);
  scatter_into(out, d, places, used);
  return op.record(out, row(x, "dout", [](const Tensor& dout) { return dout; }),
                   row(used, "dout at index", keep(d, constant(places)),
                       [](const Tensor& dout, int dim, const Tensor& index) {
                         Op op("gather");
                         return gather_at(op, dout, dim, index);
                       }));
}

Tensor nonzero(const Tensor& x) {
  Op op("nonzero");
  op.reads(x);
  const Tensor mask = detail::row_major(to(x, bool_));
  std::vector<int64_t> places;
  for (int64_t i = 0; i < mask.numel(); ++i) {
    if (!mask.data<bool>()[i]) continue;
    const Shape index = detail::index_of(i, x.shape());
    places.insert(places.end(), index.begin(), index.end());
  }
  const int64_t count = mask.dims() == 0 ? sum(mask).item<int64_t>()
                                         : static_cast<int64_t>(places.size()) / mask.dims();
  return op.done(from_vector(places, {count, x.dims()}));
}

Tensor masked_select(const Tensor& x, const Tensor& mask) {
  Op op("masked_select");
  op.reads(x, mask);
  detail::want_bool(mask, "the mask");
  const Shape shape = broadcast_shapes(x.shape(), mask.shape());
  const int64_t all = shape.numel();
  const Tensor places = nonzero(reshape(expand(mask, shape), all));
  return op.done(index_select(reshape(expand(x, shape), all), 0, places.squeeze(1)));
}

Tensor bincount(const Tensor& ids, int64_t minlength) {
  Op op("bincount");
  op.reads(ids);
  if (ids.dims() != 1) fail<ShapeError>("wants ids [n], found ", ids.shape());
  if (minlength < 0) fail<ValueError>("minlength cannot be negative, found ", minlength);
  const Tensor whole = check_ids(ids, std::numeric_limits<int64_t>::max(), "id");
  const int64_t needed = whole.numel() == 0 ? 0 : max(whole).item<int64_t>() + 1;
  const Tensor out = zeros(std::max(needed, minlength), int64);
  for (int64_t i = 0; i < whole.numel(); ++i) ++out.data<int64_t>()[whole.data<int64_t>()[i]];
  return op.done(out);
}

Tensor one_hot(const Tensor& ids, int64_t num_classes) {
  Op op("one_hot");
  op.reads(ids);
  if (num_classes < 1 && num_classes != -1)
    fail<ValueError>("num_classes must be 1 or more, or -1, found ", num_classes);
  const Tensor whole = check_ids(ids, std::numeric_limits<int64_t>::max(), "id");
  const int64_t classes = classes_of(whole, num_classes);
  const Tensor flat = check_ids(whole, classes, "id");
  Shape sizes = ids.shape();
  sizes.push_back(classes);
  const Tensor out = Tensor::empty(sizes, int64);
  kernels::one_hot(flat.numel(), classes, flat.data<int64_t>(), out.data<int64_t>());
  return op.done(out);
}

}  // namespace rill
