#include <rill/core/kernels/reduce.h>

#include <limits>

#include <rill/core/autograd.h>
#include <rill/core/kernels/wrap.h>
#include <rill/core/ops.h>
#include <rill/core/ops/kernel_call.h>
#include <rill/core/ops/reduction.h>
#include <rill/core/option.h>

namespace rill {

using detail::for_dtype;
using detail::for_floating;
using detail::reduce_over;
using detail::ReducePlan;
using detail::stretch;

namespace {

Tensor run_sum(const ReducePlan& r) {
  const DType dtype = r.x.dtype();
  const Tensor out = Tensor::empty(r.out, is_floating(dtype) ? dtype : int64);
  for_dtype(dtype, [&]<class T>(T) {
    kernels::sum<T>(r.outer, r.reduced, r.inner, r.x.data<T>(), out.data<kernels::SumOf<T>>());
  });
  return out;
}

/// Σ x of whole numbers. Where x is expanded along what is summed, each is counted as often as it
/// is seen: no copy of all that has to be made.
Tensor sum_of_whole(const Tensor& x, const Shape& dims, bool keepdim) {
  Shape sizes = x.shape();
  const Tensor times = Tensor::empty({}, int64);
  int64_t& count = *times.data<int64_t>() = 1;
  for (const int64_t dim : detail::reduced_dims(dims, x.dims())) {
    if (x.dims() == 0 || x.strides()[dim] != 0 || sizes[dim] == 0) continue;
    count = kernels::wrapped_product(count, sizes[dim]);
    sizes[dim] = 1;
  }
  const Tensor once = make_view(x, sizes, x.strides(), x.impl()->offset);
  return detail::run(kernels::Binary::mul, run_sum(reduce_over(once, dims, keepdim)), times);
}

/// The dims that broadcasting added to `shape`, or stretched, to make `wide`.
Shape broadcast_dims(const Shape& wide, const Shape& shape) {
  Shape dims;
  const int added = wide.dims() - shape.dims();
  for (int d = 0; d < wide.dims(); ++d) {
    if (d < added || (shape[d - added] == 1 && wide[d] != 1))
      dims.push_back(d);
    else if (shape[d - added] != wide[d])
      fail<ShapeError>("cannot sum ", wide, " to ", shape, ", which does not broadcast to it");
  }
  if (added < 0) fail<ShapeError>("cannot sum ", wide, " to ", shape, ", which has more dims");
  return dims;
}

}  // namespace

Tensor sum_to(const Tensor& gradient, const Shape& shape) {
  if (gradient.shape() == shape) return gradient;
  Op op("sum_to");
  ReducePlan plan = reduce_over(gradient, broadcast_dims(gradient.shape(), shape), true);
  plan.out = shape;
  return op.record(run_sum(plan),
                   row(gradient, "dout, for each element that was summed", keep(gradient.shape()),
                       [](const Tensor& dout, const Shape& shape) { return expand(dout, shape); }));
}

Tensor sum(const Tensor& x, const Shape& dims, bool keepdim) {
  Op op("sum");
  if (!is_floating(x.dtype())) {
    op.reads(x);
    return op.done(sum_of_whole(x, dims, keepdim));
  }
  const ReducePlan plan = reduce_over(x, dims, keepdim);
  return op.record(run_sum(plan),
                   row(x, "dout, for each element", keep(plan.kept, x.shape()),
                       [](const Tensor& dout, const Shape& kept, const Shape& shape) {
                         return stretch(dout, kept, shape);
                       }));
}

Tensor mean(const Tensor& x, const Shape& dims, bool keepdim) {
  Op op("mean");
  if (x.dtype() == bool_) {
    op.reads(x);
    return op.done(mean(to(x, float32), dims, keepdim));
  }
  detail::want_floating(x);
  const ReducePlan plan = reduce_over(x, dims, keepdim);
  const auto count = static_cast<double>(plan.reduced);
  const Tensor total = run_sum(plan);
  return op.record(detail::run(kernels::Binary::div, total, detail::scalar_like(total, count)),
                   row(x, "dout / N", keep(plan.kept, x.shape(), count),
                       [](const Tensor& dout, const Shape& kept, const Shape& shape, double count) {
                         return stretch(dout / count, kept, shape);
                       }));
}

namespace {

/// The mean over all dimensions that are 1 in `kept`, in the shape of x.
Tensor wide_mean(const Tensor& x, const Shape& kept) {
  const auto count = static_cast<double>(x.numel()) / static_cast<double>(kept.numel());
  return stretch(sum_to(x, kept) / count, kept, x.shape());
}

/// The gradient of var: dout · 2 (x − mean) / dof. Where dof ≤ 0 var is NaN or inf, and so is this.
/// The mean is taken off twice: the first, of a large x, is rounded.
Tensor var_gradient(const Tensor& dout, const Tensor& x, const Shape& kept, double dof) {
  const Tensor average = wide_mean(x, kept);
  const Tensor wide = stretch(dout, kept, x.shape());
  const Tensor rough = x - average;
  if (dof > 0) return mul(wide, rough - wide_mean(rough, kept)) * (2 / dof);
  const double inf = std::numeric_limits<double>::infinity();
  const Tensor steep = masked_fill(full(x.shape(), inf, x.dtype()), eq(x, average), inf - inf);
  return mul(wide, steep);
}

}  // namespace

namespace {

Tensor run_var(const ReducePlan& r, double correction) {
  const Tensor out = Tensor::empty(r.out, r.x.dtype());
  for_floating(out.dtype(), [&]<class T>(T) {
    kernels::variance<T>(r.outer, r.reduced, r.inner, correction, r.x.data<T>(), nullptr,
                         out.data<T>());
  });
  return out;
}

ReducePlan spread_over(const Tensor& x, const Shape& dims, double correction, bool keepdim) {
  detail::want_floating(x);
  detail::want_finite("correction", correction);
  return reduce_over(x, dims, keepdim);
}

}  // namespace

Tensor var(const Tensor& x, const Shape& dims, double correction, bool keepdim) {
  Op op("var");
  const ReducePlan r = spread_over(x, dims, correction, keepdim);
  const double dof = static_cast<double>(r.reduced) - correction;
  return op.record(run_var(r, correction),
                   row(x, "dout · 2 (x − mean) / (N − correction)", keep(x, r.kept, dof),
                       [](const Tensor& dout, const Tensor& x, const Shape& kept, double dof) {
                         return var_gradient(dout, x, kept, dof);
                       }));
}

Tensor std(const Tensor& x, const Shape& dims, double correction, bool keepdim) {
  Op op("std");
  const ReducePlan r = spread_over(x, dims, correction, keepdim);
  const double dof = static_cast<double>(r.reduced) - correction;
  const Tensor out = detail::run(kernels::Unary::sqrt, run_var(r, correction));
  return op.record(out, row(x, "dout · (x − mean) / ((N − correction) out), 0 where out = 0",
                            keep(x, out, r.kept, dof),
                            [](const Tensor& dout, const Tensor& x, const Tensor& out,
                               const Shape& kept, double dof) {
                              const Tensor share =
                                  masked_fill(dout / where(out == 0, 1.0, out * 2.0), out == 0, 0);
                              return var_gradient(share, x, kept, dof);
                            }));
}

Tensor logsumexp(const Tensor& x, const Shape& dims, bool keepdim) {
  Op op("logsumexp");
  detail::want_floating(x);
  const ReducePlan r = reduce_over(x, dims, keepdim);
  const Tensor out = Tensor::empty(r.out, x.dtype());
  for_floating(x.dtype(), [&]<class T>(T) {
    kernels::logsumexp<T>(r.outer, r.reduced, r.inner, r.x.data<T>(), out.data<T>());
  });
  return op.record(
      out, row(x, "dout · e^(x − out)", keep(x, out, r.kept),
               [](const Tensor& dout, const Tensor& x, const Tensor& out, const Shape& kept) {
                 return mul(reshape(dout, kept), exp(x - reshape(out, kept)));
               }));
}

namespace {

/// The two halves of x along `dim` multiplied, and again, until one is left: their gradients are
/// those of mul, right beside zeros too.
Tensor product_along(Tensor x, int dim) {
  if (x.shape()[dim] == 0) return sum(x, dim, true) + 1.0;
  if (x.shape()[dim] == 1) return clone(x);
  while (x.shape()[dim] > 1) {
    const int64_t size = x.shape()[dim], half = size / 2;
    Tensor product = narrow(x, dim, 0, half) * narrow(x, dim, half, half);
    if (size % 2 == 1) product = cat({product, narrow(x, dim, size - 1, 1)}, dim);
    x = product;
  }
  return x;
}

Tensor summable(const Tensor& x) { return x.dtype() == bool_ ? to(x, int64) : x; }

}  // namespace

Tensor prod(const Tensor& x) {
  Op op("prod");
  op.reads(x);
  return op.done(reshape(product_along(reshape(summable(x), x.numel()), 0), {}));
}

Tensor prod(const Tensor& x, int64_t dim, bool keepdim) {
  Op op("prod");
  op.reads(x);
  if (x.dims() == 0) return op.done(reshape(summable(x), {}));
  const int along = normalize_dim(dim, x.dims());
  const Tensor out = product_along(summable(x), along);
  return op.done(keepdim ? out : squeeze(out, along));
}

namespace {

/// x seen from the last element along `dim` to the first, outside the graph.
Tensor reversed(const Tensor& x, int dim) { return x.dims() == 0 ? x : detail::reversed(x, dim); }

Tensor run_cumsum(const Tensor& x, int dim) {
  const DType dtype = x.dtype();
  const Tensor out = Tensor::empty(x.shape(), is_floating(dtype) ? dtype : int64);
  const ReducePlan r = reduce_over(x, {dim}, true);
  for_dtype(dtype, [&]<class T>(T) {
    kernels::cumsum<T>(r.outer, r.reduced, r.inner, r.x.data<T>(), out.data<kernels::SumOf<T>>());
  });
  return out;
}

Tensor reverse_cumsum(const Tensor& x, int dim) {
  Op op("reverse_cumsum");
  const Tensor out = detail::row_major(reversed(run_cumsum(reversed(x, dim), dim), dim));
  return op.record(out, row(x, "running sums of d", keep(dim),
                            [](const Tensor& d, int dim) { return cumsum(d, dim); }));
}

}  // namespace

Tensor cumsum(const Tensor& x, int64_t dim) {
  Op op("cumsum");
  const int along = normalize_dim(dim, x.dims());
  return op.record(run_cumsum(x, along),
                   row(x, "running sums of dout, from the end", keep(along),
                       [](const Tensor& dout, int dim) { return reverse_cumsum(dout, dim); }));
}

}  // namespace rill
