#pragma once

#include <cmath>
#include <cstdint>
#include <string_view>

#include <rill/core/error.h>

namespace rill::optim::detail {

/// `value`, of a saved state, as a count. Throws ValueError unless it is whole and in [0, 2⁵³].
inline int64_t want_count(std::string_view name, double value) {
  if (!(value >= 0 && value <= 0x1p53 && value == std::trunc(value)))
    fail<ValueError>("load_state_dict: ", name, " must be a count of steps, found ", value);
  return static_cast<int64_t>(value);
}

}  // namespace rill::optim::detail
