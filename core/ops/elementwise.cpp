#include <cmath>
#include <limits>
#include <numbers>

#include <rill/core/autograd.h>
#include <rill/core/ops.h>
#include <rill/core/ops/kernel_call.h>
#include <rill/core/ops/piecewise.h>
#include <rill/core/ops/pointwise.h>

namespace rill {

using detail::pointwise;
using detail::pointwise_by_output;
using detail::row_major;
using detail::run;
using detail::scalar_like;
using kernels::Binary;
using kernels::Unary;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

/// Throws DTypeError unless a and b are numbers of one dtype.
void want_same_numbers(const Tensor& a, const Tensor& b) {
  detail::want_same_dtype(a, b);
  detail::want_number(a);
}

/// Integers as float32, as a division wants them.
Tensor as_floating(const Tensor& x) { return is_floating(x.dtype()) ? x : to(x, float32); }

/// A bound of int64 numbers; infinity means none.
int64_t whole_bound(double bound) {
  if (std::fabs(bound) >= 0x1p63) {
    using Limits = std::numeric_limits<int64_t>;
    return bound < 0 ? Limits::min() : Limits::max();
  }
  if (bound != std::trunc(bound))
    fail<DTypeError>("cannot hold int64 at ", bound,
                     ", which is not whole; convert the tensor with to(float32)");
  return static_cast<int64_t>(bound);
}

}  // namespace

// ---- arithmetic ----------------------------------------------------------------------------

Tensor add(const Tensor& a, const Tensor& b) {
  Op op("add");
  want_same_numbers(a, b);
  const auto pass_on = [](const Tensor& dout) { return dout; };
  return op.record(run(Binary::add, a, b), broadcast_row(a, "dout", pass_on),
                   broadcast_row(b, "dout", pass_on));
}

Tensor sub(const Tensor& a, const Tensor& b) {
  Op op("sub");
  want_same_numbers(a, b);
  return op.record(run(Binary::sub, a, b),
                   broadcast_row(a, "dout", [](const Tensor& dout) { return dout; }),
                   broadcast_row(b, "−dout", [](const Tensor& dout) { return neg(dout); }));
}

Tensor mul(const Tensor& a, const Tensor& b) {
  Op op("mul");
  want_same_numbers(a, b);
  const auto times = [](const Tensor& dout, const Tensor& other) { return mul(dout, other); };
  return op.record(run(Binary::mul, a, b), broadcast_row(a, "dout · b", keep(b), times),
                   broadcast_row(b, "dout · a", keep(a), times));
}

Tensor div(const Tensor& a, const Tensor& b) {
  Op op("div");
  detail::want_same_dtype(a, b);
  if (!is_floating(a.dtype())) {
    op.reads(a, b);
    return op.done(div(to(a, float32), to(b, float32)));
  }
  const Tensor out = run(Binary::div, a, b);
  return op.record(out,
                   broadcast_row(a, "dout / b", keep(b),
                                 [](const Tensor& dout, const Tensor& b) { return div(dout, b); }),
                   broadcast_row(b, "−dout · out / b", keep(b, out),
                                 [](const Tensor& dout, const Tensor& b, const Tensor& out) {
                                   return mul(neg(dout), div(out, b));
                                 }));
}

Tensor neg(const Tensor& x) {
  Op op("neg");
  detail::want_number(x);
  return op.record(run(Unary::neg, x),
                   row(x, "−dout", [](const Tensor& dout) { return neg(dout); }));
}

// ---- functions -----------------------------------------------------------------------------

Tensor exp(const Tensor& x) {
  return pointwise_by_output("exp", Unary::exp, x, "dout · out",
                             [](const Tensor& dout, const Tensor& out) { return mul(dout, out); });
}

Tensor log(const Tensor& x) {
  return pointwise("log", Unary::log, x, "dout / x",
                   [](const Tensor& dout, const Tensor& x) { return div(dout, x); });
}

Tensor log1p(const Tensor& x) {
  return pointwise("log1p", Unary::log1p, x, "dout / (1 + x)",
                   [](const Tensor& dout, const Tensor& x) { return div(dout, x + 1.0); });
}

Tensor sin(const Tensor& x) {
  return pointwise("sin", Unary::sin, x, "dout · cos(x)",
                   [](const Tensor& dout, const Tensor& x) { return mul(dout, cos(x)); });
}

Tensor cos(const Tensor& x) {
  return pointwise("cos", Unary::cos, x, "−dout · sin(x)",
                   [](const Tensor& dout, const Tensor& x) { return mul(neg(dout), sin(x)); });
}

Tensor erf(const Tensor& x) {
  return pointwise("erf", Unary::erf, x, "dout · 2/√π · e^(−x²)",
                   [](const Tensor& dout, const Tensor& x) {
                     const double scale = 2 / std::sqrt(std::numbers::pi);
                     return mul(dout, exp(neg(pow(x, 2)))) * scale;
                   });
}

// ---- steps ---------------------------------------------------------------------------------

namespace {

/// A function that is constant but for its steps.
Tensor steps(const char* name, Unary which, const Tensor& x) {
  Op op(name);
  detail::want_number(x);
  const Tensor place = detail::place_of(x);
  return op.record(run(which, x),
                   row(x, "0", keep(place), [](const Tensor& dout, const Tensor& place) {
                     return detail::piecewise_constant(zeros_like(dout), place);
                   }));
}

}  // namespace

Tensor sign(const Tensor& x) { return steps("sign", Unary::sign, x); }
Tensor floor(const Tensor& x) { return steps("floor", Unary::floor, x); }
Tensor ceil(const Tensor& x) { return steps("ceil", Unary::ceil, x); }
Tensor round(const Tensor& x) { return steps("round", Unary::round, x); }

// ---- kinks ---------------------------------------------------------------------------------

Tensor abs(const Tensor& x) {
  Op op("abs");
  detail::want_number(x);
  return op.record(run(Unary::abs, x),
                   row(x, "dout · sign(x)", keep(x), [](const Tensor& dout, const Tensor& x) {
                     return detail::piecewise_constant(mul(dout, run(Unary::sign, x)), x);
                   }));
}

namespace {

/// dout where low ≤ x ≤ high, else 0.
Tensor clamp_grad(const Tensor& dout, const Tensor& x, double low, double high) {
  Op op("clamp_grad");
  op.reads(x);
  const Tensor out = Tensor::empty(x.shape(), x.dtype());
  kernels::clamp_grad(x.dtype(), x.numel(), low, high, row_major(dout).raw_data(),
                      row_major(x).raw_data(), out.raw_data());
  return op.record(out, row(dout, "d where min ≤ x ≤ max, else 0", keep(constant(x), low, high),
                            [](const Tensor& d, const Tensor& x, double low, double high) {
                              return clamp_grad(d, x, low, high);
                            }));
}

Tensor run_clamp(const Tensor& x, double low, double high) {
  const Tensor in = row_major(x), out = Tensor::empty(x.shape(), x.dtype());
  if (is_floating(x.dtype()))
    kernels::clamp(x.dtype(), x.numel(), low, high, in.raw_data(), out.raw_data());
  else
    kernels::clamp(x.numel(), whole_bound(low), whole_bound(high), in.data<int64_t>(),
                   out.data<int64_t>());
  return out;
}

}  // namespace

Tensor clamp(const Tensor& x, std::optional<double> min, std::optional<double> max) {
  Op op("clamp");
  detail::want_number(x);
  if (!min && !max) fail<ValueError>("wants a lower bound, an upper bound, or both");
  const double low = min.value_or(-infinity), high = max.value_or(infinity);
  if (std::isnan(low) || std::isnan(high)) fail<ValueError>("a bound is NaN; leave it out instead");
  return op.record(run_clamp(x, low, high),
                   row(x, "dout where min ≤ x ≤ max, else 0", keep(x, low, high),
                       [](const Tensor& dout, const Tensor& x, double low, double high) {
                         return detail::piecewise_constant(clamp_grad(dout, x, low, high), x);
                       }));
}

namespace {

/// What x gets of max(x, other), or of min: its share of dout.
template <Binary share>
Tensor part_of(const Tensor& dout, const Tensor& x, const Tensor& other) {
  const Tensor part = detail::take_share(dout, run(share, x, other));
  return detail::piecewise_constant(detail::piecewise_constant(part, x), other);
}

}  // namespace

Tensor maximum(const Tensor& a, const Tensor& b) {
  Op op("maximum");
  want_same_numbers(a, b);
  const auto part = [](const Tensor& dout, const Tensor& x, const Tensor& other) {
    return part_of<Binary::maximum_share>(dout, x, other);
  };
  return op.record(run(Binary::maximum, a, b),
                   broadcast_row(a, "dout where a > b, ½ dout where a = b", keep(a, b), part),
                   broadcast_row(b, "dout where b > a, ½ dout where a = b", keep(b, a), part));
}

Tensor minimum(const Tensor& a, const Tensor& b) {
  Op op("minimum");
  want_same_numbers(a, b);
  const auto part = [](const Tensor& dout, const Tensor& x, const Tensor& other) {
    return part_of<Binary::minimum_share>(dout, x, other);
  };
  return op.record(run(Binary::minimum, a, b),
                   broadcast_row(a, "dout where a < b, ½ dout where a = b", keep(a, b), part),
                   broadcast_row(b, "dout where b < a, ½ dout where a = b", keep(b, a), part));
}

// ---- with a number -------------------------------------------------------------------------

#define RILL_WITH_NUMBER(op)                                                \
  Tensor op(const Tensor& a, double b) { return op(a, scalar_like(a, b)); } \
  Tensor op(double a, const Tensor& b) { return op(scalar_like(b, a), b); }
RILL_WITH_NUMBER(add)
RILL_WITH_NUMBER(sub)
RILL_WITH_NUMBER(mul)
#undef RILL_WITH_NUMBER

Tensor div(const Tensor& a, double b) {
  const Tensor floating = as_floating(a);
  return div(floating, scalar_like(floating, b));
}
Tensor div(double a, const Tensor& b) {
  const Tensor floating = as_floating(b);
  return div(scalar_like(floating, a), floating);
}
Tensor maximum(const Tensor& a, double b) { return maximum(a, scalar_like(a, b)); }
Tensor minimum(const Tensor& a, double b) { return minimum(a, scalar_like(a, b)); }

}  // namespace rill
