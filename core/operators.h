#pragma once

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

}  // namespace rill
