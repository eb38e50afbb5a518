#pragma once

#include <rill/core/ops.h>

namespace rill::nn {

/// The ops by the name that PyTorch has for those of layers and losses: `nn::functional::relu(x)`.
namespace functional {
using namespace rill;

/// The ids first, as in PyTorch's functional; rill::embedding takes the weight first, as
/// torch.embedding.
inline Tensor embedding(const Tensor& ids, const Tensor& weight,
                        rill::EmbeddingOptions options = {}) {
  return rill::embedding(weight, ids, options);
}
}  // namespace functional

}  // namespace rill::nn

namespace rill {
namespace functional = nn::functional;
}  // namespace rill
