// Task 28: a step of Adam.
//
// m is a moving mean of the gradient, v one of its square. Both begin at 0, so that they are too
// small at first: what is divided by 1 − betaᵗ makes up for that, and is not kept. t counts steps
// from 1.
//
//   m ← 0.9 m + (1 − 0.9) grad
//   v ← 0.999 v + (1 − 0.999) grad²
//   m̂ = m / (1 − 0.9ᵗ),   v̂ = v / (1 − 0.999ᵗ)
//   w ← w − 0.1 m̂ / (√v̂ + 1e-8)
//
//   w, grad, m, v: of one shape. Nothing is returned: w, m and v are written to. 0.1 is lr.
//
// sqrt(x) of a tensor, std::pow(0.9, t) of numbers.
#include <rill/core/ops.h>

#include <cmath>

using namespace rill;

void adam_step(const Tensor& w, const Tensor& grad, const Tensor& m, const Tensor& v, double t) {
  todo();
}
