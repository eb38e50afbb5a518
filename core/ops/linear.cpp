// An op: checks, forward and gradients, side by side, the last as rows (at the end).
// `y.backward()`, in core/autograd.cpp, finds what they have recorded.
#include <algorithm>

#include <rill/core/fused.h>
#include <rill/core/kernels/gemm.h>
#include <rill/core/kernels/linear.h>
#include <rill/core/ops.h>
#include <rill/core/ops/batch.h>
#include <rill/core/ops/kernel_call.h>

namespace rill {
namespace {

void check_operands(const Tensor& x, const Tensor& weight, const Tensor& bias) {
  if (x.dims() == 0 || weight.dims() != 2 || x.size(-1) != weight.size(1))
    fail<ShapeError>("cannot apply weight ", weight.shape(), " to input ", x.shape(),
                     ": wanted weight [out, in] and input [..., in]");
  detail::want_floating("input", x);
  detail::want_same_dtype("input", x, "weight", weight);
  if (!bias.defined()) return;
  if (bias.shape() != Shape{weight.size(0)})
    fail<ShapeError>("bias is ", bias.shape(), ", but weight ", weight.shape(), " wants [",
                     weight.size(0), "]");
  detail::want_same_dtype("input", x, "bias", bias);
}

/// out = x · weightᵀ + bias, where there is one.
void forward(const Tensor& x, const Tensor& weight, const Tensor& bias, const Tensor& out) {
  const int64_t features = weight.size(0), inner = weight.size(1);
  const int64_t rows = out.numel() / std::max<int64_t>(features, 1);
  const Tensor packed_x = detail::packed(x), packed_weight = detail::packed(weight);
  const Tensor packed_bias = bias.defined() ? detail::packed(bias) : bias;
  const int64_t step = std::max<int64_t>(inner, 1), step_out = std::max<int64_t>(features, 1);
  detail::for_floating(x.dtype(), [&]<class T>(T) {
    kernels::gemm<T>(false, true, rows, features, inner, 1, packed_x.data<T>(), step,
                     packed_weight.data<T>(), step, 0, out.data<T>(), step_out,
                     bias.defined() ? packed_bias.data<T>() : nullptr);
  });
}

/// The gradients of x, of weight and, where its shape is given, of the bias, in one pass.
template <class... BiasShape>
auto backward(const Tensor& dout, const Tensor& x, const Tensor& weight,
              const BiasShape&... bias_shape) {
  const Tensor from = detail::packed(dout), packed_x = detail::packed(x),
               packed_weight = detail::packed(weight);
  std::array found{Tensor::empty(x.shape(), x.dtype()), Tensor::empty(weight.shape(), x.dtype()),
                   Tensor::empty(bias_shape, x.dtype())...};
  const Tensor dbias = found.size() == 3 ? found.back() : Tensor();
  detail::for_floating(x.dtype(), [&]<class T>(T) {
    kernels::linear_backward<T>(
        {detail::as_matrix(packed_x).size(0), weight.size(0), weight.size(1), from.data<T>(),
         packed_x.data<T>(), packed_weight.data<T>(), found[0].template data<T>(),
         found[1].template data<T>(), dbias.defined() ? dbias.data<T>() : nullptr});
  });
  return found;
}

}  // namespace

Tensor linear(const Tensor& x, const Tensor& weight, const Tensor& bias) {
  Op op("linear");
  check_operands(x, weight, bias);
  Shape shape = x.shape();
  shape[x.dims() - 1] = weight.size(0);
  const Tensor out = Tensor::empty(shape, x.dtype());
  forward(x, weight, bias, out);

  const auto row_x = row(x, "dout · W", keep(weight), [](const Tensor& dout, const Tensor& weight) {
    return matmul(dout, weight);
  });
  const auto row_weight = row(weight, "doutᵀ · x, over all rows of the batch", keep(x),
                              [](const Tensor& dout, const Tensor& x) {
                                return matmul(detail::as_matrix(dout).T(), detail::as_matrix(x));
                              });
  // The rows say how gradients flow; this gets all that they keep, in their order, and takes one
  // pass where all of them are wanted.
  const auto kernel = [](const Tensor& dout, const Tensor& weight, const Tensor& x,
                         const auto&... bias_shape) {
    return backward(dout, x, weight, bias_shape...);
  };
  if (!bias.defined()) return op.record_with_kernel(out, kernel, row_x, row_weight);
  return op.record_with_kernel(
      out, kernel, row_x, row_weight,
      row(bias, "Σ dout over the batch", keep(bias.shape()),
          [](const Tensor& dout, const Shape& shape) { return sum_to(dout, shape); }));
}

}  // namespace rill
