#pragma once

#include <rill/core/ops.h>

namespace rill::nn {

/// The ops by the name that PyTorch has for those of layers and losses: `nn::functional::relu(x)`.
namespace functional {
using namespace rill;
}  // namespace functional

}  // namespace rill::nn

namespace rill {
namespace functional = nn::functional;
}  // namespace rill
