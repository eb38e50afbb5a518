#include <algorithm>
#include <cmath>
#include <limits>

#include <rill/core/autograd.h>
#include <rill/core/ops.h>
#include <rill/core/ops/kernel_call.h>
#include <rill/core/option.h>

namespace rill {
namespace {

using detail::run;
using detail::scalar_like;
using kernels::Compare;

Tensor compare(const char* name, Compare which, const Tensor& a, const Tensor& b) {
  Op op(name);
  op.reads(a, b);
  detail::want_same_dtype(a, b);
  return op.done(run(which, a, b));
}

Tensor compare(const char* name, Compare which, const Tensor& a, double b) {
  Op op(name);
  op.reads(a);
  return op.done(run(which, a, scalar_like(a, b)));
}

Tensor logical(const char* name, kernels::Logical which, const Tensor& a, const Tensor& b) {
  Op op(name);
  op.reads(a, b);
  const Tensor left = to(a, bool_), right = to(b, bool_);
  const Shape shape = broadcast_shapes(a.shape(), b.shape());
  const Tensor out = Tensor::empty(shape, bool_);
  kernels::logical(which, shape.dims(), shape.data(), detail::Read(left, shape),
                   detail::Read(right, shape), out.data<bool>());
  return op.done(out);
}

}  // namespace

Tensor eq(const Tensor& a, const Tensor& b) { return compare("eq", Compare::eq, a, b); }
Tensor ne(const Tensor& a, const Tensor& b) { return compare("ne", Compare::ne, a, b); }
Tensor lt(const Tensor& a, const Tensor& b) { return compare("lt", Compare::lt, a, b); }
Tensor le(const Tensor& a, const Tensor& b) { return compare("le", Compare::le, a, b); }
Tensor gt(const Tensor& a, const Tensor& b) { return compare("gt", Compare::gt, a, b); }
Tensor ge(const Tensor& a, const Tensor& b) { return compare("ge", Compare::ge, a, b); }
Tensor eq(const Tensor& a, double b) { return compare("eq", Compare::eq, a, b); }
Tensor ne(const Tensor& a, double b) { return compare("ne", Compare::ne, a, b); }
Tensor lt(const Tensor& a, double b) { return compare("lt", Compare::lt, a, b); }
Tensor le(const Tensor& a, double b) { return compare("le", Compare::le, a, b); }
Tensor gt(const Tensor& a, double b) { return compare("gt", Compare::gt, a, b); }
Tensor ge(const Tensor& a, double b) { return compare("ge", Compare::ge, a, b); }

Tensor logical_not(const Tensor& x) {
  Op op("logical_not");
  op.reads(x);
  return op.done(run(kernels::Unary::logical_not, to(x, bool_)));
}

Tensor logical_and(const Tensor& a, const Tensor& b) {
  return logical("logical_and", kernels::Logical::and_, a, b);
}

Tensor logical_or(const Tensor& a, const Tensor& b) {
  return logical("logical_or", kernels::Logical::or_, a, b);
}

Tensor logical_xor(const Tensor& a, const Tensor& b) {
  return logical("logical_xor", kernels::Logical::xor_, a, b);
}

Tensor isnan(const Tensor& x) {
  Op op("isnan");
  op.reads(x);
  return op.done(run(Compare::ne, x, x));
}

Tensor isfinite(const Tensor& x) {
  Op op("isfinite");
  op.reads(x);
  if (!is_floating(x.dtype())) return op.done(ones(x.shape(), bool_));
  const Tensor infinity = scalar_like(x, std::numeric_limits<double>::infinity());
  return op.done(run(Compare::lt, run(kernels::Unary::abs, x), infinity));
}

Tensor any(const Tensor& x, const Shape& dims, bool keepdim) {
  Op op("any");
  op.reads(x);
  return op.done(gt(sum(to(x, bool_), dims, keepdim), 0.0));
}

Tensor all(const Tensor& x, const Shape& dims, bool keepdim) {
  Op op("all");
  op.reads(x);
  return op.done(eq(sum(logical_not(x), dims, keepdim), 0.0));
}

bool equal(const Tensor& a, const Tensor& b) {
  const NoGradGuard no_grad;
  return a.shape() == b.shape() && a.dtype() == b.dtype() && eq(a, b).all().item<bool>();
}

namespace {

/// Where |a − b| ≤ atol + rtol |b|, of floating numbers.
Tensor is_close(const Tensor& a, const Tensor& b, double rtol, double atol, bool equal_nan) {
  const Tensor near = (a - b).abs() <= b.abs() * rtol + atol;
  const Tensor close = eq(a, b) | (near & isfinite(a) & isfinite(b));
  return equal_nan ? close | (isnan(a) & isnan(b)) : close;
}

/// The same of whole numbers, whose distance may be beyond int64.
bool is_close(int64_t a, int64_t b, double rtol, double atol) {
  const auto left = static_cast<uint64_t>(a), right = static_cast<uint64_t>(b);
  const uint64_t apart = a > b ? left - right : right - left;
  const double allowed = atol + rtol * std::fabs(static_cast<double>(b));
  return allowed >= 0x1p64 || apart <= static_cast<uint64_t>(allowed);
}

Tensor whole_is_close(const Tensor& a, const Tensor& b, double rtol, double atol) {
  const Shape shape = broadcast_shapes(a.shape(), b.shape());
  const auto left = expand(a, shape).to_vector<int64_t>();
  const auto right = expand(b, shape).to_vector<int64_t>();
  std::vector<bool> close;
  for (size_t i = 0; i < left.size(); ++i) close.push_back(is_close(left[i], right[i], rtol, atol));
  return from_vector(close, shape);
}

}  // namespace

Tensor isclose(const Tensor& a, const Tensor& b, double rtol, double atol, bool equal_nan) {
  Op op("isclose");
  op.reads(a, b);
  const NoGradGuard no_grad;
  detail::want_not_negative("rtol", rtol);
  detail::want_not_negative("atol", atol);
  detail::want_same_dtype(a, b);
  return op.done(is_floating(a.dtype()) ? is_close(a, b, rtol, atol, equal_nan)
                                        : whole_is_close(a.to(int64), b.to(int64), rtol, atol));
}

bool allclose(const Tensor& a, const Tensor& b, double rtol, double atol, bool equal_nan) {
  return isclose(a, b, rtol, atol, equal_nan).all().item<bool>();
}

namespace {

void want_masks(const Tensor& a, const Tensor& b) {
  detail::want_bool(a, "the left mask");
  detail::want_bool(b, "the right mask");
}

}  // namespace

Tensor operator~(const Tensor& mask) {
  detail::want_bool(mask, "the mask");
  return logical_not(mask);
}
Tensor operator&(const Tensor& a, const Tensor& b) {
  want_masks(a, b);
  return logical_and(a, b);
}
Tensor operator|(const Tensor& a, const Tensor& b) {
  want_masks(a, b);
  return logical_or(a, b);
}
Tensor operator^(const Tensor& a, const Tensor& b) {
  want_masks(a, b);
  return logical_xor(a, b);
}

}  // namespace rill
