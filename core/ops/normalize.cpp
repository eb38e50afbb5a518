#include <rill/core/fused.h>
#include <rill/core/kernels/layer_norm.h>
#include <rill/core/ops.h>
#include <rill/core/ops/kernel_call.h>
#include <rill/core/option.h>

#include <limits>

namespace rill {
namespace {

/// How x falls into rows, each of which is normalized by itself.
struct RowsOf {
  int64_t rows, columns;

  RowsOf(const Tensor& x, const Shape& normalized_shape)
      : rows(1), columns(normalized_shape.numel()) {
    for (int d = 0; d < x.dims() - normalized_shape.dims(); ++d) rows *= x.shape()[d];
  }
};

/// The last `count` dimensions, as negative numbers.
Shape last_dims(int count) {
  Shape dims;
  for (int d = -count; d < 0; ++d) dims.push_back(d);
  return dims;
}

void check_parameter(const char* role, const Tensor& x, const Tensor& parameter,
                     const Shape& normalized_shape) {
  if (!parameter.defined()) return;
  if (parameter.shape() != normalized_shape)
    fail<ShapeError>(role, " is ", parameter.shape(), ", but must be like normalized_shape ",
                     normalized_shape);
  detail::want_same_dtype("input", x, role, parameter);
}

void check_input(const Tensor& x, const Shape& normalized_shape) {
  detail::want_floating("input", x);
  const int count = normalized_shape.dims(), before = x.dims() - count;
  bool fits = count > 0 && before >= 0;
  for (int d = 0; fits && d < count; ++d) fits = x.shape()[before + d] == normalized_shape[d];
  if (!fits)
    fail<ShapeError>("cannot normalize ", x.shape(), " over its last dimensions ", normalized_shape,
                     ": its last sizes must be these");
}

/// The elements of `x`, or null where it is undefined.
template <class T>
T* data_or_null(const Tensor& x) {
  return x.defined() ? x.data<T>() : nullptr;
}

Tensor empty_if(bool wanted, const Tensor& like) {
  return wanted ? Tensor::empty(like.shape(), like.dtype()) : Tensor();
}

std::array<Tensor, 3> layer_norm_gradients(const Tensor& dout, const Wanted<3>& wanted,
                                           const Tensor& x, const Tensor& weight,
                                           const Tensor& bias, const Tensor& mean,
                                           const Tensor& rstd, const Shape& normalized_shape) {
  const RowsOf size(x, normalized_shape);
  const Tensor from = detail::packed(dout), rows = detail::packed(x), w = detail::packed(weight);
  const std::array<Tensor, 3> out{empty_if(wanted[0], x), empty_if(wanted[1], weight),
                                  empty_if(wanted[2], bias)};
  detail::for_floating(x.dtype(), [&]<class T>(T) {
    kernels::layer_norm_backward<T>(size.rows, size.columns, from.data<T>(), rows.data<T>(),
                                    data_or_null<T>(w), mean.data<double>(), rstd.data<double>(),
                                    data_or_null<T>(out[0]), data_or_null<T>(out[1]),
                                    data_or_null<T>(out[2]));
  });
  return out;
}

std::array<Tensor, 2> rms_norm_gradients(const Tensor& dout, const Wanted<2>& wanted,
                                         const Tensor& x, const Tensor& weight, const Tensor& rstd,
                                         const Shape& normalized_shape) {
  const RowsOf size(x, normalized_shape);
  const Tensor from = detail::packed(dout), rows = detail::packed(x), w = detail::packed(weight);
  const std::array<Tensor, 2> out{empty_if(wanted[0], x), empty_if(wanted[1], weight)};
  detail::for_floating(x.dtype(), [&]<class T>(T) {
    kernels::rms_norm_backward<T>(size.rows, size.columns, from.data<T>(), rows.data<T>(),
                                  data_or_null<T>(w), rstd.data<double>(), data_or_null<T>(out[0]),
                                  data_or_null<T>(out[1]));
  });
  return out;
}

/// layer_norm over the last `dims` dimensions, of plain ops.
Tensor plain_layer_norm(const Tensor& x, const Tensor& weight, const Tensor& bias, int dims,
                        double eps) {
  const Shape last = last_dims(dims);
  const Tensor centred = x - x.mean(last, true);
  Tensor y = centred * rsqrt(centred.pow(2).mean(last, true) + eps);
  if (weight.defined()) y = y * weight;
  return bias.defined() ? y + bias : y;
}

}  // namespace

Tensor layer_norm(const Tensor& x, const Shape& normalized_shape, const Tensor& weight,
                  const Tensor& bias, double eps) {
  Op op("layer_norm");
  detail::want_not_negative("eps", eps);
  check_input(x, normalized_shape);
  check_parameter("weight", x, weight, normalized_shape);
  check_parameter("bias", x, bias, normalized_shape);
  const RowsOf size(x, normalized_shape);
  const Tensor out = Tensor::empty(x.shape(), x.dtype());
  const Tensor mean = Tensor::empty({size.rows}, float64),
               rstd = Tensor::empty({size.rows}, float64);
  const Tensor rows = detail::packed(x), w = detail::packed(weight), b = detail::packed(bias);
  detail::for_floating(x.dtype(), [&]<class T>(T) {
    kernels::layer_norm<T>(size.rows, size.columns, eps, rows.data<T>(), data_or_null<T>(w),
                           data_or_null<T>(b), out.data<T>(), mean.data<double>(),
                           rstd.data<double>());
  });
  return op.record_fused(
      out,
      inputs(x, weight, bias)
          .with_formulas("(g − mean(g) − x̂ · mean(g · x̂)) · rstd, g = dout · weight",
                         "Σ dout · x̂ over the rows", "Σ dout over the rows"),
      keep(constant(mean), constant(rstd), normalized_shape, eps),
      [](const Tensor& dout, const Wanted<3>& wanted, const Tensor& x, const Tensor& weight,
         const Tensor& bias, const Tensor& mean, const Tensor& rstd, const Shape& shape,
         double) { return layer_norm_gradients(dout, wanted, x, weight, bias, mean, rstd, shape); },
      [](const Tensor& x, const Tensor& weight, const Tensor& bias, const Tensor&, const Tensor&,
         const Shape& shape,
         double eps) { return plain_layer_norm(x, weight, bias, shape.dims(), eps); });
}

Tensor rms_norm(const Tensor& x, const Shape& normalized_shape, const Tensor& weight,
                std::optional<double> eps) {
  Op op("rms_norm");
  if (eps) detail::want_not_negative("eps", *eps);
  check_input(x, normalized_shape);
  check_parameter("weight", x, weight, normalized_shape);
  const double added = eps.value_or(x.dtype() == float64 ? std::numeric_limits<double>::epsilon()
                                                         : std::numeric_limits<float>::epsilon());
  const RowsOf size(x, normalized_shape);
  const Tensor out = Tensor::empty(x.shape(), x.dtype());
  const Tensor rstd = Tensor::empty({size.rows}, float64);
  const Tensor rows = detail::packed(x), w = detail::packed(weight);
  detail::for_floating(x.dtype(), [&]<class T>(T) {
    kernels::rms_norm<T>(size.rows, size.columns, added, rows.data<T>(), data_or_null<T>(w),
                         out.data<T>(), rstd.data<double>());
  });
  return op.record_fused(
      out,
      inputs(x, weight).with_formulas("(g − x̂ · mean(g · x̂)) · rstd, g = dout · weight",
                                      "Σ dout · x̂ over the rows"),
      keep(constant(rstd), normalized_shape, added),
      [](const Tensor& dout, const Wanted<2>& wanted, const Tensor& x, const Tensor& weight,
         const Tensor& rstd, const Shape& shape,
         double) { return rms_norm_gradients(dout, wanted, x, weight, rstd, shape); },
      [](const Tensor& x, const Tensor& weight, const Tensor&, const Shape& shape, double eps) {
        const Tensor y = x * rsqrt(x.pow(2).mean(last_dims(shape.dims()), true) + eps);
        return weight.defined() ? y * weight : y;
      });
}

}  // namespace rill
