#pragma once

#include <vector>

#include <rill/core/distributed/world.h>
#include <rill/core/state_dict.h>

namespace rill::distributed {

/// Makes the tensors of all ranks those of rank 0. Throws ValueError on all ranks, naming what
/// differs, where they have other names, shapes or dtypes.
void make_same(World& world, const std::vector<NamedTensor>& tensors);

}  // namespace rill::distributed
