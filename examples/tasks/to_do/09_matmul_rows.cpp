// Task 9: the two gradients of a matrix product.
//
// Forward: y = a b, for a [n, k] and b [k, m]: y[i][j] = Σ over l of a[i][l] · b[l][j].
//
// a[i][l] has a part in each y[i][j], with slope b[l][j]: its gradient is Σ over j of dout[i][j] ·
// b[l][j]. Write that as a matrix product, and that of b likewise. The shapes help: there is only
// one way in which they fit.
//
//   dout: [n, m]; what you return: the gradients of a [n, k] and of b [k, m], in this order.
//
// matmul(a, b), and x.T() for the transpose.
#include <rill/core/ops.h>

using namespace rill;

std::vector<Tensor> matmul_rows(const Tensor& dout, const Tensor& a, const Tensor& b) { todo(); }
