// Task 4: the gradient of a mean.
//
// Forward: y = (x₁ + x₂ + ... + xₙ) / n, one number of all elements of x, whatever its shape. If
// one element grows by a little, by how much does the mean grow?
//
//   dout: one number, without dimensions; x: of any shape; what you return: of the shape of x.
//
// x.numel() is n, a whole number: static_cast<double>(x.numel()) divides. expand(y, shape)
// stretches one number to a shape.
#include <rill/core/ops.h>

using namespace rill;

Tensor mean_row(const Tensor& dout, const Tensor& x) { todo(); }
