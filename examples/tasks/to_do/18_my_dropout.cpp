// Task 18: dropout.
//
// In training some elements go out as 0, each with probability p. That others do not get used to
// more later, when nothing is dropped any more, those that stay are made larger, so that the mean
// stays as it was: a share of 1 − p stays.
//
//   x: of any shape; keep: of the same, true where an element stays (drawn already);
//   what you return: of the shape of x. Outside training x goes out as it is.
//
// where(keep, a, b), of which a or b may be a number; or keep.to(float32), 1 and 0.
#include <rill/core/ops.h>

using namespace rill;

Tensor my_dropout(const Tensor& x, const Tensor& keep, double p, bool training) { todo(); }
