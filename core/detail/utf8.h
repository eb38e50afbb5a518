#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace rill::detail {

/// How many bytes the character of UTF-8 has that `text` begins with; 0 where it begins with none:
/// with a byte that begins no character, or a character that is cut off, longer than needed, a
/// surrogate or above U+10FFFF.
size_t character_length(std::string_view text);

/// `text` with U+FFFD in place of each byte that belongs to no character of UTF-8.
std::string valid_utf8(std::string_view text);

}  // namespace rill::detail
