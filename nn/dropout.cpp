#include <rill/nn/dropout.h>

#include <rill/core/error.h>
#include <rill/core/ops.h>

namespace rill::nn {

Dropout::Dropout(double probability) : p(probability) {
  if (!(p >= 0 && p <= 1)) fail<ValueError>("Dropout: p must lie in [0, 1], found ", p);
}

Tensor Dropout::forward(const Tensor& x) const { return dropout(x, p, is_training()); }

}  // namespace rill::nn
