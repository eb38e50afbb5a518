#include <rill/core/autograd.h>
#include <rill/core/ops.h>
#include <rill/core/ops/kernel_call.h>
#include <rill/core/option.h>

namespace rill {
namespace {

Tensor unit(const Tensor& x, double p, int64_t dim, double eps) {
  return x / clamp(norm(x, p, dim, true), eps, {});
}

}  // namespace

Tensor cosine_similarity(const Tensor& a, const Tensor& b, int64_t dim, double eps) {
  Op op("cosine_similarity");
  op.reads(a, b);
  detail::want_same_dtype(a, b);
  detail::want_floating(a);
  detail::want_positive("eps", eps);
  const Shape shape = broadcast_shapes(a.shape(), b.shape());
  const Tensor wide_a = expand(a, shape), wide_b = expand(b, shape);
  return op.done(sum(unit(wide_a, 2, dim, eps) * unit(wide_b, 2, dim, eps), dim));
}

Tensor normalize(const Tensor& x, double p, int64_t dim, double eps) {
  Op op("normalize");
  op.reads(x);
  detail::want_floating(x);
  detail::want_positive("eps", eps);
  return op.done(unit(x, p, dim, eps));
}

}  // namespace rill
