#include <rill/core/detail/quotes.h>

#include <algorithm>

#include <rill/core/detail/utf8.h>

namespace rill::detail {
namespace {

/// U+0000 to U+001F and U+007F to U+009F.
bool is_control(std::string_view character) {
  const auto first = static_cast<unsigned char>(character[0]);
  if (character.size() == 1) return first < 0x20 || first == 0x7f;
  return first == 0xc2 && static_cast<unsigned char>(character[1]) < 0xa0;
}

}  // namespace

std::string in_quotes(std::string_view text) {
  constexpr size_t most = 100;
  std::string shown;
  while (!text.empty()) {
    const size_t length = character_length(text);
    const std::string_view character = text.substr(0, std::max<size_t>(length, 1));
    if (shown.size() + character.size() > most) break;
    shown += length == 0 || is_control(character) ? "?" : character;
    text.remove_prefix(character.size());
  }
  return "'" + shown + (text.empty() ? "'" : "...'");
}

}  // namespace rill::detail
