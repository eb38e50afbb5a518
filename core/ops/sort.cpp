#include <rill/core/kernels/sort.h>

#include <rill/core/autograd.h>
#include <rill/core/ops.h>
#include <rill/core/ops/kernel_call.h>
#include <rill/core/ops/piecewise.h>
#include <rill/core/ops/reduction.h>

namespace rill {
namespace {

using detail::for_dtype;
using detail::row_major;

/// x with `dim` and the last dim swapped, outside the graph.
Tensor with_last(const Tensor& x, int dim) {
  if (dim >= x.dims() - 1) return x;
  Shape sizes = x.shape(), strides = x.strides();
  std::swap(sizes[dim], sizes[x.dims() - 1]);
  std::swap(strides[dim], strides[x.dims() - 1]);
  return make_view(x, sizes, strides, x.impl()->offset);
}

/// Runs `kernel(rows, cols, x, values, indices)` on the rows that lie along `dim`, of which the
/// outputs hold `k` elements.
template <class Kernel>
ValuesAndIndices run_along(const Tensor& x, int dim, int64_t k, Kernel kernel) {
  const Tensor rows = row_major(with_last(x, dim));
  Shape shape = rows.shape();
  if (!shape.empty()) shape[shape.dims() - 1] = k;
  const ValuesAndIndices out{Tensor::empty(shape, x.dtype()), Tensor::empty(shape, int64)};
  const int64_t cols = rows.dims() == 0 ? 1 : rows.shape().back();
  for_dtype(x.dtype(), [&]<class T>(T) {
    if (out.values.numel() > 0)
      kernel(rows.numel() / cols, cols, rows.data<T>(), out.values.data<T>(),
             out.indices.data<int64_t>());
  });
  return {row_major(with_last(out.values, dim)), row_major(with_last(out.indices, dim))};
}

ValuesAndIndices record(Op& op, const ValuesAndIndices& out, const Tensor& x, int dim) {
  const Tensor place = detail::place_of(x);
  const Tensor values =
      op.record(out.values,
                row(x, "dout at the indices found, else 0", keep(constant(out.indices), dim, place),
                    [](const Tensor& dout, const Tensor& indices, int dim, const Tensor& place) {
                      return detail::put_back(dout, dim, indices, place);
                    }));
  return {values, out.indices};
}

}  // namespace

ValuesAndIndices topk(const Tensor& x, int64_t k, int64_t dim, bool largest) {
  Op op("topk");
  detail::want_number(x);
  const int along = normalize_dim(dim, x.dims());
  const int64_t size = x.dims() == 0 ? 1 : x.shape()[along];
  if (k < 0 || k > size || (x.dims() == 0 && k == 0))
    fail<ValueError>("k is ", k, ", but ", x.shape(), " has ", size, " along dimension ", along);
  const auto kernel = [&]<class T>(int64_t rows, int64_t cols, const T* in, T* values,
                                   int64_t* indices) {
    kernels::topk<T>(rows, cols, k, largest, in, values, indices);
  };
  return record(op, run_along(x, along, k, kernel), x, along);
}

ValuesAndIndices sort(const Tensor& x, int64_t dim, bool descending) {
  Op op("sort");
  const int along = normalize_dim(dim, x.dims());
  const int64_t size = x.dims() == 0 ? 1 : x.shape()[along];
  const auto kernel = [&]<class T>(int64_t rows, int64_t cols, const T* in, T* values,
                                   int64_t* indices) {
    kernels::sort<T>(rows, cols, descending, in, values, indices);
  };
  return record(op, run_along(x, along, size, kernel), x, along);
}

}  // namespace rill
