#pragma once

#include <concepts>
#include <utility>
#include <vector>

#include <rill/core/ops.h>

// Comparisons give a mask, so that `if (a == b)` does not compile: ask equal(a, b), any or all.
// &, |, ^ and ~ are for masks, `!x` for all. && and || are not there: they could not do without
// their second operand, as C++ promises.

namespace rill {

#define RILL_OPERATOR(symbol, op)                                                      \
  inline Tensor operator symbol(const Tensor& a, const Tensor& b) { return op(a, b); } \
  inline Tensor operator symbol(const Tensor& a, double b) { return op(a, b); }
#define RILL_OPERATOR_OF_NUMBER(symbol, op) \
  inline Tensor operator symbol(double a, const Tensor& b) { return op(a, b); }
#define RILL_MIRRORED(symbol, op) \
  inline Tensor operator symbol(double a, const Tensor& b) { return op(b, a); }
RILL_OPERATOR(+, add)
RILL_OPERATOR(-, sub)
RILL_OPERATOR(*, mul)
RILL_OPERATOR(/, div)
RILL_OPERATOR(%, remainder)
RILL_OPERATOR(==, eq)
RILL_OPERATOR(!=, ne)
RILL_OPERATOR(<, lt)
RILL_OPERATOR(<=, le)
RILL_OPERATOR(>, gt)
RILL_OPERATOR(>=, ge)
RILL_OPERATOR_OF_NUMBER(+, add)
RILL_OPERATOR_OF_NUMBER(-, sub)
RILL_OPERATOR_OF_NUMBER(*, mul)
RILL_OPERATOR_OF_NUMBER(/, div)
RILL_MIRRORED(==, eq)
RILL_MIRRORED(!=, ne)
RILL_MIRRORED(<, gt)
RILL_MIRRORED(<=, ge)
RILL_MIRRORED(>, lt)
RILL_MIRRORED(>=, le)
// Beside int64 a whole number is compared as one: as a double, some beyond 2^53 are another.
#define RILL_COMPARED_AS_WHOLE(symbol, mirrored, op)              \
  template <WholeNumber Number>                                   \
  Tensor operator symbol(const Tensor& a, Number b) {             \
    if (a.dtype() != int64) return op(a, static_cast<double>(b)); \
    return op(a, from_vector(std::vector<Number>{b}, {}));        \
  }                                                               \
  template <WholeNumber Number>                                   \
  Tensor operator symbol(Number a, const Tensor& b) {             \
    return b mirrored a;                                          \
  }
RILL_COMPARED_AS_WHOLE(==, ==, eq)
RILL_COMPARED_AS_WHOLE(!=, !=, ne)
RILL_COMPARED_AS_WHOLE(<, >, lt)
RILL_COMPARED_AS_WHOLE(<=, >=, le)
RILL_COMPARED_AS_WHOLE(>, <, gt)
RILL_COMPARED_AS_WHOLE(>=, <=, ge)
#undef RILL_COMPARED_AS_WHOLE
#undef RILL_OPERATOR
#undef RILL_OPERATOR_OF_NUMBER
#undef RILL_MIRRORED
inline Tensor operator-(const Tensor& x) { return neg(x); }
inline Tensor operator!(const Tensor& x) { return logical_not(x); }
/// Of masks. Throw DTypeError unless they are bool.
Tensor operator~(const Tensor& mask);
Tensor operator&(const Tensor& a, const Tensor& b);
Tensor operator|(const Tensor& a, const Tensor& b);
Tensor operator^(const Tensor& a, const Tensor& b);
Tensor operator^(const Tensor&, double) = delete;        // pow(x, 2)
bool operator&&(const Tensor&, const Tensor&) = delete;  // a & b, of masks
bool operator||(const Tensor&, const Tensor&) = delete;  // a | b, of masks

// A number there would be taken for keepdim.
template <WholeNumber A, WholeNumber B>
void sum(const Tensor&, A, B) = delete;  // two dims are a list: {0, 1}
template <WholeNumber A, WholeNumber B>
void mean(const Tensor&, A, B) = delete;  // two dims are a list: {0, 1}
template <WholeNumber A, WholeNumber B>
void any(const Tensor&, A, B) = delete;  // two dims are a list: {0, 1}
template <WholeNumber A, WholeNumber B>
void all(const Tensor&, A, B) = delete;  // two dims are a list: {0, 1}
template <WholeNumber A, WholeNumber B>
void amax(const Tensor&, A, B) = delete;  // two dims are a list: {0, 1}
template <WholeNumber A, WholeNumber B>
void amin(const Tensor&, A, B) = delete;  // two dims are a list: {0, 1}
template <WholeNumber A, WholeNumber B>
void logsumexp(const Tensor&, A, B) = delete;  // two dims are a list: {0, 1}

// A bool there, for keepdim or for PyTorch's unbiased, would be taken for the correction.
template <std::same_as<bool> Flag>
void var(const Tensor&, const Shape&, Flag) = delete;  // var(x, dims, 1, true), or var(x, dims, 0)
template <std::same_as<bool> Flag>
void std(const Tensor&, const Shape&, Flag) = delete;  // std(x, dims, 1, true), or std(x, dims, 0)
template <std::same_as<bool> Flag>
void var_mean(const Tensor&, const Shape&, Flag) = delete;  // (x, dims, 1, true), (x, dims, 0)
template <std::same_as<bool> Flag>
void std_mean(const Tensor&, const Shape&, Flag) = delete;  // (x, dims, 1, true), (x, dims, 0)

/// var or std, and the mean: `const auto [var, mean] = var_mean(x, 1)`.
inline std::pair<Tensor, Tensor> var_mean(const Tensor& x, const Shape& dims = {},
                                          double correction = 1, bool keepdim = false) {
  return {var(x, dims, correction, keepdim), mean(x, dims, keepdim)};
}
inline std::pair<Tensor, Tensor> std_mean(const Tensor& x, const Shape& dims = {},
                                          double correction = 1, bool keepdim = false) {
  return {rill::std(x, dims, correction, keepdim), mean(x, dims, keepdim)};
}

}  // namespace rill
