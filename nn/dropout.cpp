#include <rill/nn/dropout.h>

#include <rill/core/ops.h>
#include <rill/core/option.h>

namespace rill::nn {

Dropout::Dropout(double probability) : p(rill::detail::want_share("Dropout: p", probability)) {
  set_extra_repr({{"p", p}});
}

Tensor Dropout::forward(const Tensor& x) const { return dropout(x, p, is_training()); }

}  // namespace rill::nn
