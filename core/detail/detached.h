#pragma once

#include <rill/core/tensor.h>

namespace rill::detail {

/// What `base.detach()` gives; observers are not told.
Tensor make_detached(const Tensor& base);

}  // namespace rill::detail
