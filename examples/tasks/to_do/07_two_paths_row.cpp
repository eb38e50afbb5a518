// Task 7: paths that join.
//
// Forward, element by element: y = x · x + 3 x. From y three paths lead back to x: two through the
// product, as either of its factors, and one through 3 x. Each path brings a gradient, and what
// they bring is added.
//
//   dout, x, and what you return: of one shape.
#include <rill/core/ops.h>

using namespace rill;

Tensor two_paths_row(const Tensor& dout, const Tensor& x) { todo(); }
