// Task 17: RMS norm.
//
// Layer norm with less: the mean is left where it is, and there is no bias.
//
//   y = x / √(mean of x² + 1e-5) · weight
//
//   x: [..., d], the mean is over the last dimension; weight: [d]; what you return: of the shape of
//   x.
#include <rill/core/ops.h>

using namespace rill;

Tensor my_rms_norm(const Tensor& x, const Tensor& weight) { todo(); }
