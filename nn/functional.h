#pragma once

#include <rill/core/ops.h>

namespace rill::nn {

/// The ops by the name that PyTorch has for those of layers and losses: `nn::functional::relu(x)`.
namespace functional {
using namespace rill;
}

}  // namespace rill::nn
