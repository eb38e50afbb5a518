// Task 19: a gradient straight through a step.
//
// round(x) is flat but for its steps: its gradient is 0, and nothing before it would learn. So one
// lies to the gradient: forward the result is round(x), backward it is as if it were x, with slope
// 1.
//
// x.detach() has the numbers of x, and no gradient flows back through it: a constant. Write
// round(x) as x and a rest, so that only x is seen by the gradient.
//
//   x, and what you return: of one shape.
#include <rill/core/ops.h>

using namespace rill;

Tensor straight_through(const Tensor& x) { todo(); }
