#include <algorithm>
#include <cmath>
#include <limits>

#include <rill/core/autograd.h>
#include <rill/core/ops.h>
#include <rill/core/ops/kernel_call.h>

namespace rill {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

Tensor scaled(const Tensor& x, double factor) { return factor == 1 ? x : x * factor; }

/// factor · x, and 0 for the factor 0 whatever x holds.
Tensor weighed(const Tensor& x, double factor) {
  return factor == 0 ? masked_fill(x, ones({}, bool_), 0) : scaled(x, factor);
}

double largest(DType dtype) {
  return dtype == float32 ? std::numeric_limits<float>::max() : std::numeric_limits<double>::max();
}

}  // namespace

Tensor lerp(const Tensor& a, const Tensor& b, double weight) {
  Op op("lerp");
  op.reads(a, b);
  detail::want_floating(a);
  const bool nearer_a = std::abs(weight) < 0.5;
  return op.done(nearer_a ? a + (b - a) * weight : b + (b - a) * (weight - 1));
}

Tensor lerp(const Tensor& a, const Tensor& b, const Tensor& weight) {
  Op op("lerp");
  op.reads(a, b, weight);
  detail::want_floating(a);
  const Tensor nearer_a = abs(weight.detach()) < 0.5;
  return op.done(where(nearer_a, a, b) + (b - a) * where(nearer_a, weight, weight - 1));
}

Tensor addcmul(const Tensor& x, const Tensor& a, const Tensor& b, double value) {
  Op op("addcmul");
  op.reads(x, a, b);
  return op.done(x + scaled(a, value) * b);
}

Tensor addcdiv(const Tensor& x, const Tensor& a, const Tensor& b, double value) {
  Op op("addcdiv");
  op.reads(x, a, b);
  detail::want_floating(x);
  detail::want_floating(a);
  return op.done(x + scaled(a, value) / b);
}

Tensor addmm(const Tensor& c, const Tensor& a, const Tensor& b, double beta, double alpha) {
  Op op("addmm");
  op.reads(c, a, b);
  if (a.dims() != 2 || b.dims() != 2)
    fail<ShapeError>("wants matrices to multiply, found ", a.shape(), " and ", b.shape());
  const Tensor product = weighed(matmul(a, b), alpha);
  return op.done(weighed(expand(c, product.shape()), beta) + product);
}

Tensor dot(const Tensor& a, const Tensor& b) {
  Op op("dot");
  op.reads(a, b);
  if (a.dims() != 1 || a.shape() != b.shape())
    fail<ShapeError>("wants two vectors of one size, found ", a.shape(), " and ", b.shape());
  return op.done(matmul(a, b));
}

Tensor nan_to_num(const Tensor& x, double nan, std::optional<double> posinf,
                  std::optional<double> neginf) {
  Op op("nan_to_num");
  op.reads(x);
  if (!is_floating(x.dtype())) return op.done(clone(x));
  const double most = largest(x.dtype());
  const Tensor numbers = masked_fill(x, isnan(x), nan);
  const Tensor below = masked_fill(numbers, x == infinity, posinf.value_or(most));
  return op.done(masked_fill(below, x == -infinity, neginf.value_or(-most)));
}

namespace {

/// dout / (x (1 − x)), and dout / beyond outside [low, 1 − low].
Tensor logit_gradient(const Tensor& dout, const Tensor& x, double low, double beyond) {
  const Tensor outside = (x < low) | (x > 1 - low);
  return dout / masked_fill(x * (1.0 - x), outside, beyond);
}

}  // namespace

Tensor logit(const Tensor& x, std::optional<double> eps) {
  Op op("logit");
  detail::want_floating(x);
  const double low = eps.value_or(0);
  if (!(low >= 0 && low <= 0.5)) fail<ValueError>("eps must be in [0, 0.5], found ", low);
  Tensor out;
  {
    const NoGradGuard no_grad;
    const Tensor held = eps ? clamp(x, low, 1 - low) : x;
    out = log(held / (1.0 - held));
  }
  return op.record(out,
                   row(x, eps ? "dout / (x (1 − x)), 0 where x was held" : "dout / (x (1 − x))",
                       keep(x, low, eps ? infinity : std::nan("")),
                       [](const Tensor& dout, const Tensor& x, double low, double beyond) {
                         return logit_gradient(dout, x, low, beyond);
                       }));
}

Tensor count_nonzero(const Tensor& x, const Shape& dims) {
  Op op("count_nonzero");
  op.reads(x);
  return op.done(sum(to(x, bool_), dims));
}

Tensor unique(const Tensor& x) {
  Op op("unique");
  op.reads(x);
  const NoGradGuard no_grad;
  const Tensor sorted = sort(flatten(x)).values;
  const Tensor first = ones(std::min<int64_t>(sorted.numel(), 1), bool_);
  const Tensor is_new = cat({first, sorted.slice(0, 1) != sorted.slice(0, 0, -1)});
  return op.done(masked_select(sorted, is_new));
}

}  // namespace rill
