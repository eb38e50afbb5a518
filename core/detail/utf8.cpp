#include <rill/core/detail/utf8.h>

#include <algorithm>

namespace rill::detail {
namespace {

unsigned char byte_of(std::string_view text, size_t i) {
  return static_cast<unsigned char>(text[i]);
}

/// How many bytes a character has that begins so; 0 where none does.
size_t announced_length(unsigned char first) {
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4) return 0;
  return first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

/// Neither longer than needed, nor a surrogate, nor above U+10FFFF.
bool may_follow(unsigned char first, unsigned char second) {
  const unsigned char low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
  const unsigned char high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
  return second >= low && second <= high;
}

}  // namespace

size_t character_length(std::string_view text) {
  if (text.empty()) return 0;
  const size_t length = announced_length(byte_of(text, 0));
  if (length < 2) return length;
  if (text.size() < length || !may_follow(byte_of(text, 0), byte_of(text, 1))) return 0;
  const bool whole = std::ranges::all_of(text.substr(2, length - 2), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
  });
  return whole ? length : 0;
}

std::string valid_utf8(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const size_t length = character_length(text);
    out += length > 0 ? text.substr(0, length) : "\xEF\xBF\xBD";
    text.remove_prefix(std::max<size_t>(length, 1));
  }
  return out;
}

}  // namespace rill::detail
