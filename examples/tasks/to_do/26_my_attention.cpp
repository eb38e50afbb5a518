// Task 26: attention with a mask.
//
// Each query looks at the keys, and takes of each value as much as its key is like it:
//
//   scores = q kᵀ / √d
//   weights = softmax of the scores along each row, over the keys that may be seen
//   output = weights v
//
//   q: [n, d]; k: [m, d]; v: [m, e]; mask: [n, m], true where a query may see a key;
//   what you return: [n, e].
//
// A key that may not be seen gets the score −∞ before softmax: x.masked_fill(mask, value) writes
// value where a mask is true, ~mask turns it round, -INFINITY is a number. softmax(x, -1). (rill
// has scaled_dot_product_attention; do without.)
#include <rill/core/ops.h>

#include <cmath>

using namespace rill;

Tensor my_attention(const Tensor& q, const Tensor& k, const Tensor& v, const Tensor& mask) {
  todo();
}
