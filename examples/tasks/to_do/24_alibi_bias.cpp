// Task 24: ALiBi.
//
// Nothing is added to the input, and nothing turned: the scores of attention are lowered by the
// distance, in each head by another slope. Head h, from 0 on, has
//
//   slope = 2^(−8 (h + 1) / heads)
//   bias[h][i][j] = −slope · |i − j|
//
//   what you return: [heads, length, length], float32.
//
// arange(n).to(float32); x.unsqueeze(1) − x is a table of all differences; abs(x), pow(2.0, x),
// and x.view({-1, 1, 1}) for one number a head. A loop and from_vector do as well.
#include <rill/core/ops.h>

using namespace rill;

Tensor alibi_bias(int64_t heads, int64_t length) { todo(); }
