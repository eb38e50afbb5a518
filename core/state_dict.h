#pragma once

#include <string>
#include <vector>

#include <rill/core/tensor.h>

namespace rill {

/// A tensor and the name it goes by, as in "blocks.0.attn.out_proj.weight".
struct NamedTensor {
  std::string name;
  Tensor tensor;
};

/// Named tensors, in order: what a module or an optimizer saves and loads.
using StateDict = std::vector<NamedTensor>;

}  // namespace rill
