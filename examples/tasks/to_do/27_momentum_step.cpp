// Task 27: a step of SGD with momentum.
//
// A ball that rolls downhill: the velocity fades, the gradient is added to it, and w moves by it.
//
//   velocity ← momentum · velocity + grad
//   w ← w − lr · velocity
//
//   w, grad, velocity: of one shape. Nothing is returned: w and velocity are written to.
//
// x *= 0.5, x += y, x -= y, x.copy_(y) write into x.
#include <rill/core/ops.h>

using namespace rill;

void momentum_step(const Tensor& w, const Tensor& grad, const Tensor& velocity, double lr,
                   double momentum) {
  todo();
}
