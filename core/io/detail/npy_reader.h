#pragma once

#include <string>
#include <string_view>

#include <rill/core/tensor.h>

namespace rill::detail {

/// load_npy of a whole file; errors name `path`.
Tensor read_npy(std::string_view bytes, const std::string& path);

}  // namespace rill::detail
