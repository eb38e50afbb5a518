#pragma once

#include <cstdint>
#include <string>

namespace rill::nn::detail {

/// 1234567 as "1,234,567".
inline std::string with_commas(int64_t number) {
  std::string text = std::to_string(number);
  for (auto at = static_cast<int64_t>(text.size()) - 3; at > 0; at -= 3)
    text.insert(static_cast<size_t>(at), ",");
  return text;
}

}  // namespace rill::nn::detail
