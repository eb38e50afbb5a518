#pragma once

#include <string>
#include <string_view>

namespace rill::inspect::detail {

/// `text` with U+FFFD in place of each byte that belongs to no character of UTF-8.
std::string valid_utf8(std::string_view text);

}  // namespace rill::inspect::detail
