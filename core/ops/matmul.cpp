// An op: checks, forward and gradient, side by side, the last as rows that core/backward.h walks.
#include <algorithm>

#include <rill/core/autograd.h>
#include <rill/core/kernels/gemm.h>
#include <rill/core/ops.h>
#include <rill/core/ops/batch.h>
#include <rill/core/ops/kernel_call.h>

namespace rill {
namespace {

void check_operands(const Tensor& a, const Tensor& b) {
  if (a.dims() == 0 || b.dims() == 0)
    fail<ShapeError>("cannot multiply ", a.shape(), " by ", b.shape(),
                     ": both need at least one dimension; use * for a scalar");
  const int64_t inner_a = a.size(-1), inner_b = b.size(b.dims() == 1 ? 0 : -2);
  if (inner_a != inner_b)
    fail<ShapeError>("cannot multiply ", a.shape(), " by ", b.shape(), ": inner sizes ", inner_a,
                     " and ", inner_b, " differ");
  detail::want_floating("left operand", a);
  detail::want_same_dtype("left operand", a, "right operand", b);
}

/// The shape of a [..., M, K] · b [..., K, N]: [..., M, N], where the leading sizes broadcast.
Shape product_shape(const Tensor& a, const Tensor& b) {
  Shape shape = broadcast_shapes(detail::batch_sizes(a), detail::batch_sizes(b));
  shape.push_back(a.size(-2));
  shape.push_back(b.size(-1));
  return shape;
}

/// A batch of matrices as BLAS reads them: stored rows are `distance` elements apart.
struct Matrices {
  Tensor tensor;
  bool transposed;
  int64_t distance;
};

/// `x` itself where it, or its transpose, has rows of adjacent elements; else a copy that has.
Matrices readable_by_blas(const Tensor& x) {
  const int64_t rows = x.size(-2), columns = x.size(-1);
  const int64_t down = x.strides()[x.dims() - 2], right = x.strides()[x.dims() - 1];
  if ((right == 1 || columns == 1) && (down >= columns || rows == 1))
    return {x, false, rows == 1 ? std::max<int64_t>(columns, 1) : std::max<int64_t>(down, 1)};
  if ((down == 1 || rows == 1) && (right >= rows || columns == 1))
    return {x, true, columns == 1 ? std::max<int64_t>(rows, 1) : std::max<int64_t>(right, 1)};
  return {detail::packed(x), false, std::max<int64_t>(columns, 1)};
}

/// out = a · b. Where all rows of `a` meet one and the same matrix b, they form one tall matrix.
template <class T>
void multiply(const Matrices& a, const Matrices& b, const Tensor& out) {
  const int64_t m = out.size(-2), n = out.size(-1), k = a.tensor.size(-1);
  const T *from_a = a.tensor.data<T>(), *from_b = b.tensor.data<T>();
  const int64_t next_row = std::max<int64_t>(n, 1);
  if (out.dims() == 2 ||
      (b.tensor.dims() == 2 && !a.transposed && detail::is_one_matrix(a.tensor, a.distance)))
    return kernels::gemm<T>(a.transposed, b.transposed, out.numel() / next_row, n, k, 1, from_a,
                            a.distance, from_b, b.distance, 0, out.data<T>(), next_row);

  const Shape batch = detail::batch_sizes(out);
  const std::vector<int64_t> offsets_a = detail::batch_offsets(a.tensor, batch);
  const std::vector<int64_t> offsets_b = detail::batch_offsets(b.tensor, batch);
  kernels::gemm_batched<T>(batch.numel(), a.transposed, b.transposed, m, n, k, 1, from_a,
                           a.distance, offsets_a.data(), from_b, b.distance, offsets_b.data(), 0,
                           out.data<T>(), next_row, m * n);
}

/// What b [..., K, N] gets: aᵀ · dout. For one b [K, N] the rows of the whole batch form one tall
/// matrix each, and the product sums over those that shared it.
Tensor gradient_of_right(const Tensor& dout, const Tensor& a, const Shape& shape) {
  if (shape.dims() == 2) return matmul(detail::as_matrix(a).T(), detail::as_matrix(dout));
  return matmul(a.T(), dout);
}

}  // namespace

Tensor matmul(const Tensor& a, const Tensor& b) {
  Op op("matmul");
  check_operands(a, b);
  if (a.dims() == 1 || b.dims() == 1) op.reads(a, b);
  if (b.dims() == 1) return op.done(matmul(a, b.unsqueeze(1)).squeeze(-1));
  if (a.dims() == 1) return op.done(matmul(a.unsqueeze(0), b).squeeze(-2));

  const Tensor out = Tensor::empty(product_shape(a, b), a.dtype());
  detail::for_floating(
      a.dtype(), [&]<class T>(T) { multiply<T>(readable_by_blas(a), readable_by_blas(b), out); });
  constexpr int64_t inner = 2;
  return op.record(
      out,
      broadcast_row(
          a, "dout · bᵀ", keep(b),
          [](const Tensor& dout, const Tensor& b) { return matmul(dout, b.T()); }, inner),
      broadcast_row(
          b, "aᵀ · dout", keep(a, b.shape()),
          [](const Tensor& dout, const Tensor& a, const Shape& shape) {
            return gradient_of_right(dout, a, shape);
          },
          inner));
}

Tensor bmm(const Tensor& a, const Tensor& b) {
  Op op("bmm");
  op.reads(a, b);
  if (a.dims() != 3 || b.dims() != 3 || a.size(0) != b.size(0))
    fail<ShapeError>("wants [B, M, K] and [B, K, N], found ", a.shape(), " and ", b.shape(),
                     ": matmul broadcasts");
  return op.done(matmul(a, b));
}

Tensor outer(const Tensor& a, const Tensor& b) {
  Op op("outer");
  op.reads(a, b);
  if (a.dims() != 1 || b.dims() != 1)
    fail<ShapeError>("wants two vectors, found ", a.shape(), " and ", b.shape());
  return op.done(mul(unsqueeze(a, 1), b));
}

}  // namespace rill
