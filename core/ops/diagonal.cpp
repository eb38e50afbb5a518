#include <algorithm>
#include <cstdlib>

#include <rill/core/autograd.h>
#include <rill/core/ops.h>
#include <rill/core/ops/copy.h>
#include <rill/core/tensor/tensor_impl.h>

// A diagonal seen, and put into zeros: each is the other's gradient.

namespace rill {
namespace {

/// The places (i, i + offset) of two dimensions.
struct Line {
  int64_t offset;
  int dim1, dim2;
};

int64_t length_of(const Line& line, const Shape& sizes) {
  const int64_t rows = sizes[line.dim1] + std::min<int64_t>(line.offset, 0);
  const int64_t columns = sizes[line.dim2] - std::max<int64_t>(line.offset, 0);
  return std::max<int64_t>(0, std::min(rows, columns));
}

Tensor view_of_line(const Tensor& x, const Line& line) {
  Shape sizes = x.shape(), strides = x.strides();
  const int64_t length = length_of(line, sizes);
  const int64_t down = strides[line.dim1], right = strides[line.dim2];
  const int64_t start = length == 0       ? 0
                        : line.offset < 0 ? -line.offset * down
                                          : line.offset * right;
  for (const int dim : {std::max(line.dim1, line.dim2), std::min(line.dim1, line.dim2)}) {
    sizes.erase(dim);
    strides.erase(dim);
  }
  sizes.push_back(length);
  strides.push_back(down + right);
  return make_view(x, sizes, strides, x.impl()->offset + start);
}

Tensor line_of(Op& op, const Tensor& x, const Line& line);

/// Zeros of `shape` with x on the line.
Tensor put_on_line(Op& op, const Tensor& x, const Shape& shape, const Line& line) {
  const Tensor out = zeros(shape, x.dtype());
  detail::copy_into(view_of_line(out, line), x);
  return op.record(out,
                   row(x, "dout's diagonal", keep(line), [](const Tensor& dout, const Line& line) {
                     Op op("diagonal");
                     return line_of(op, dout, line);
                   }));
}

Tensor line_of(Op& op, const Tensor& x, const Line& line) {
  return op.record(view_of_line(x, line),
                   row(x, "zeros with dout on the diagonal", keep(x.shape(), line),
                       [](const Tensor& dout, const Shape& shape, const Line& line) {
                         Op op("diagonal_backward");
                         return put_on_line(op, dout, shape, line);
                       }));
}

}  // namespace

Tensor diagonal(const Tensor& x, int64_t offset, int64_t dim1, int64_t dim2) {
  Op op("diagonal");
  if (x.dims() < 2) fail<ShapeError>("wants 2 dimensions or more, not ", x.shape());
  const Line line{offset, normalize_dim(dim1, x.dims()), normalize_dim(dim2, x.dims())};
  if (line.dim1 == line.dim2)
    fail<ShapeError>("wants two dimensions of ", x.shape(), ", found ", dim1, " and ", dim2);
  return line_of(op, x, line);
}

Tensor diag(const Tensor& x, int64_t offset) {
  Op op("diag");
  if (x.dims() == 2) {
    op.reads(x);
    return op.done(clone(diagonal(x, offset)));
  }
  if (x.dims() != 1) fail<ShapeError>("wants a vector or a matrix, found ", x.shape());
  constexpr int64_t most = int64_t{1} << 32;  // a square beyond 2^63
  if (offset < -most || offset > most)
    fail<ShapeError>("a matrix with a diagonal at ", offset, " has more than 2^63 elements");
  const int64_t n = x.numel() + std::abs(offset);
  return put_on_line(op, x, {n, n}, {offset, 0, 1});
}

}  // namespace rill
