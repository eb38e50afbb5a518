// Task 23: rotary positions.
//
// Nothing is added: each vector is turned, by an angle that grows with its position p. The columns
// 2i and 2i + 1 are a pair (a, b), which becomes
//
//   (a cos pθ − b sin pθ, b cos pθ + a sin pθ)   with θ = 10000^(−2i/d)
//
// so that the dot product of two turned vectors depends on how far apart they stand alone.
//
//   x: [length, d], row p at position p, from 0 on; what you return: as x.
//
// x.slice(1, 0, {}, 2) are the columns 0, 2, 4, ..., x.slice(1, 1, {}, 2) the columns 1, 3, 5,
// ...; stack({a, b}, 2).reshape(x.shape()) puts them side by side again. arange(n).to(float32) and
// unsqueeze(1) for the angles.
#include <rill/core/ops.h>

using namespace rill;

Tensor turn_by_position(const Tensor& x) { todo(); }
