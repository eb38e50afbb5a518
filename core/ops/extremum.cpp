#include <rill/core/autograd.h>
#include <rill/core/kernels/reduce.h>
#include <rill/core/ops.h>
#include <rill/core/ops/kernel_call.h>
#include <rill/core/ops/piecewise.h>
#include <rill/core/ops/reduction.h>

namespace rill {
namespace {

using detail::for_dtype;
using detail::ReducePlan;

enum class Which { max, min };

ReducePlan not_empty(const Tensor& x, const Shape& dims, bool keepdim) {
  ReducePlan r = detail::reduce_over(x, dims, keepdim);
  if (r.reduced == 0)
    fail<IndexError>("there is nothing in ", x.shape(), " to choose from",
                     dims.empty() ? "" : " along that dimension");
  return r;
}

ValuesAndIndices run(Which which, const ReducePlan& r) {
  const ValuesAndIndices out{Tensor::empty(r.out, r.x.dtype()), Tensor::empty(r.out, int64)};
  for_dtype(r.x.dtype(), [&]<class T>(T) {
    (which == Which::max ? kernels::max<T> : kernels::min<T>)(r.outer, r.reduced, r.inner,
                                                              r.x.data<T>(), out.values.data<T>(),
                                                              out.indices.data<int64_t>());
  });
  return out;
}

/// `out`, an element of x, with its gradient.
Tensor record_chosen(Op& op, const Tensor& out, const Tensor& x) {
  return op.record(out, row(x, "dout / n for the n that reach out, else 0", keep(x, out),
                            [](const Tensor& dout, const Tensor& x, const Tensor& out) {
                              const Tensor part =
                                  detail::take_share(dout, detail::tie_shares(x, out));
                              return detail::piecewise_constant(part, x);
                            }));
}

/// What was found along `dim` of x, with its gradient; `kept` are the sizes of x with 1 there.
ValuesAndIndices record_found(Op& op, const ValuesAndIndices& found, const Tensor& x, int64_t dim,
                              const Shape& kept) {
  const Tensor place = detail::place_of(x);
  const Tensor values = op.record(
      found.values, row(x, "dout at the index found, else 0",
                        keep(constant(found.indices), normalize_dim(dim, x.dims()), kept, place),
                        [](const Tensor& dout, const Tensor& indices, int dim, const Shape& kept,
                           const Tensor& place) {
                          return detail::put_back(reshape(dout, kept), dim, reshape(indices, kept),
                                                  place);
                        }));
  return {values, found.indices};
}

Tensor over_dims(const char* name, Which which, const Tensor& x, const Shape& dims, bool keepdim) {
  Op op(name);
  const ReducePlan r = not_empty(x, dims, keepdim);
  const Tensor out = run(which, r).values;
  return op.record(
      out, row(x, "dout / n for the n along dims that reach out, else 0", keep(x, out, r.kept),
               [](const Tensor& dout, const Tensor& x, const Tensor& out, const Shape& kept) {
                 const Tensor shares = detail::tie_shares(x, reshape(out, kept));
                 const Tensor part = detail::take_share(reshape(dout, kept), shares);
                 return detail::piecewise_constant(part, x);
               }));
}

Tensor over_all(const char* name, Which which, const Tensor& x) {
  Op op(name);
  return record_chosen(op, run(which, not_empty(x, {}, false)).values, x);
}

ValuesAndIndices along(const char* name, Which which, const Tensor& x, int64_t dim, bool keepdim) {
  Op op(name);
  const ReducePlan r = not_empty(x, {dim}, keepdim);
  return record_found(op, run(which, r), x, dim, r.kept);
}

Tensor index_over(const char* name, Which which, const Tensor& x, const Shape& dims, bool keepdim) {
  Op op(name);
  op.reads(x);
  detail::want_number(x);
  return op.done(run(which, not_empty(x, dims, keepdim)).indices);
}

/// The lower of the two in the middle; the first NaN, which sort puts at the end, where there is
/// one.
ValuesAndIndices run_median(const ReducePlan& r) {
  const NoGradGuard no_grad;
  const Tensor x = reshape(r.x, {r.outer, r.reduced, r.inner});
  const ValuesAndIndices sorted = sort(x, 1);
  const Tensor nans = sum(isnan(x), 1, true), first_nan = static_cast<double>(r.reduced) - nans;
  const Tensor place = where(nans > 0, first_nan, static_cast<double>((r.reduced - 1) / 2));
  const auto found = [&](const Tensor& of_sorted) {
    return detail::row_major_copy(reshape(gather(of_sorted, 1, place), r.out));
  };
  return {found(sorted.values), found(sorted.indices)};
}

}  // namespace

Tensor max(const Tensor& x) { return over_all("max", Which::max, x); }
Tensor min(const Tensor& x) { return over_all("min", Which::min, x); }

Tensor amax(const Tensor& x, const Shape& dims, bool keepdim) {
  return over_dims("amax", Which::max, x, dims, keepdim);
}

Tensor amin(const Tensor& x, const Shape& dims, bool keepdim) {
  return over_dims("amin", Which::min, x, dims, keepdim);
}

ValuesAndIndices max(const Tensor& x, int64_t dim, bool keepdim) {
  return along("max", Which::max, x, dim, keepdim);
}

ValuesAndIndices min(const Tensor& x, int64_t dim, bool keepdim) {
  return along("min", Which::min, x, dim, keepdim);
}

Tensor argmax(const Tensor& x) { return index_over("argmax", Which::max, x, {}, false); }

Tensor argmax(const Tensor& x, int64_t dim, bool keepdim) {
  return index_over("argmax", Which::max, x, {dim}, keepdim);
}

Tensor argmin(const Tensor& x) { return index_over("argmin", Which::min, x, {}, false); }

Tensor argmin(const Tensor& x, int64_t dim, bool keepdim) {
  return index_over("argmin", Which::min, x, {dim}, keepdim);
}

Tensor median(const Tensor& x) {
  Op op("median");
  detail::want_number(x);
  return record_chosen(op, run_median(not_empty(x, {}, false)).values, x);
}

ValuesAndIndices median(const Tensor& x, int64_t dim, bool keepdim) {
  Op op("median");
  detail::want_number(x);
  const ReducePlan r = not_empty(x, {dim}, keepdim);
  return record_found(op, run_median(r), x, dim, r.kept);
}

}  // namespace rill
