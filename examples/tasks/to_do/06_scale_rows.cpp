// Task 6: the gradients of a product that broadcasts.
//
// Forward: y = x * s for x [n, d] and s [n, 1]: each row of x is multiplied by its own number. Of
// a product of two, each factor's slope is the other factor. And what broadcasting stretched on
// the way there is summed on the way back.
//
//   dout: [n, d]; what you return: the gradient of x [n, d], and that of s [n, 1], in this order.
//
// x.sum(1, true) sums along the rows and keeps the dimension: [n, 1].
#include <rill/core/ops.h>

using namespace rill;

std::vector<Tensor> scale_rows(const Tensor& dout, const Tensor& x, const Tensor& s) { todo(); }
