#pragma once

#include <optional>

#include <rill/core/ops.h>

// Further names that PyTorch has, for what ops of ops.h give together: written out in
// core/ops/further.cpp, and members of Tensor as those are.

namespace rill {

inline Tensor square(const Tensor& x) { return pow(x, 2); }
inline Tensor clamp_min(const Tensor& x, double min) { return clamp(x, min); }
inline Tensor clamp_max(const Tensor& x, double max) { return clamp(x, {}, max); }
/// Of all elements, flat.
inline Tensor repeat_interleave(const Tensor& x, int64_t times) {
  return repeat_interleave(flatten(x), times, 0);
}
inline Tensor expand_as(const Tensor& x, const Tensor& other) { return expand(x, other.shape()); }
inline Tensor view_as(const Tensor& x, const Tensor& other) { return view(x, other.shape()); }
inline Tensor reshape_as(const Tensor& x, const Tensor& other) { return reshape(x, other.shape()); }
/// Of the dtype of x.
inline Tensor new_empty(const Tensor& x, const Shape& shape) { return empty(shape, x.dtype()); }
inline Tensor new_zeros(const Tensor& x, const Shape& shape) { return zeros(shape, x.dtype()); }
inline Tensor new_ones(const Tensor& x, const Shape& shape) { return ones(shape, x.dtype()); }
inline Tensor new_full(const Tensor& x, const Shape& shape, double value) {
  return full(shape, value, x.dtype());
}
inline Tensor mm(const Tensor& a, const Tensor& b) { return matmul(a, b); }
inline Tensor argsort(const Tensor& x, int64_t dim = -1, bool descending = false) {
  return sort(x, dim, descending).indices;
}

/// a + weight · (b − a), from the nearer end, so that weight 1 gives b itself.
Tensor lerp(const Tensor& a, const Tensor& b, double weight);
Tensor lerp(const Tensor& a, const Tensor& b, const Tensor& weight);
/// x + value · a · b.
Tensor addcmul(const Tensor& x, const Tensor& a, const Tensor& b, double value = 1);
/// x + value · a / b. Throws DTypeError unless floating.
Tensor addcdiv(const Tensor& x, const Tensor& a, const Tensor& b, double value = 1);
/// beta · c + alpha · a b, of matrices a and b, and c that broadcasts to their product. What 0
/// multiplies may be NaN.
Tensor addmm(const Tensor& c, const Tensor& a, const Tensor& b, double beta = 1, double alpha = 1);
/// Σ a · b of two vectors of one size.
Tensor dot(const Tensor& a, const Tensor& b);
/// x with numbers for NaN, inf and -inf: for the infinities the dtype's largest and least unless
/// given. The gradient there is 0.
Tensor nan_to_num(const Tensor& x, double nan = 0, std::optional<double> posinf = {},
                  std::optional<double> neginf = {});
/// log(x / (1 − x)), NaN beyond 0 and 1; with eps of x held in [eps, 1 − eps]. Throws ValueError
/// unless eps is in [0, 0.5].
Tensor logit(const Tensor& x, std::optional<double> eps = {});
/// How many are not 0, over all dimensions or over `dims`: int64, without a gradient. NaN is not 0.
Tensor count_nonzero(const Tensor& x, const Shape& dims = {});
/// The values that occur, each once, in ascending order: [n], without a gradient. No NaN is
/// another.
Tensor unique(const Tensor& x);

}  // namespace rill
