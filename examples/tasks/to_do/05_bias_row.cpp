// Task 5: the gradient of a bias.
//
// Forward: y = x + b for x [n, d] and b [d]. Broadcasting stretches b: the same b is added to each
// of the n rows. One b has a part in n rows of y, and n rows of dout tell of it.
//
//   dout: as y, [n, d], or [batch, length, d], where b is stretched over two dimensions;
//   b: [d]; what you return: of the shape of b.
//
// sum(x, 0), or x.sum(0), sums over dimension 0, x.sum({0, 1}) over two; x.reshape({-1, d}) makes
// rows of all but the last dimension.
#include <rill/core/ops.h>

using namespace rill;

Tensor bias_row(const Tensor& dout, const Tensor& b) { todo(); }
