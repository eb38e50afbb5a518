#include <algorithm>
#include <unordered_set>

#include <rill/core/detail/utf8.h>
#include <rill/core/error.h>
#include <rill/core/text/detail/tokenizer_model.h>

namespace rill::detail {
namespace {

/// The code point of a whole character.
uint32_t code_point(std::string_view character) {
  const auto first = static_cast<unsigned char>(character[0]);
  if (character.size() == 1) return first;
  uint32_t code = first & (0x7fu >> character.size());
  for (const char c : character.substr(1))
    code = code << 6 | (static_cast<unsigned char>(c) & 0x3fu);
  return code;
}

std::string utf8_of(uint32_t code) {
  const size_t length = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  if (length == 1) return std::string(1, static_cast<char>(code));
  std::string character(length, '\0');
  for (size_t i = length - 1; i > 0; --i, code >>= 6)
    character[i] = static_cast<char>(0x80 | (code & 0x3f));
  character[0] = static_cast<char>((0xf00u >> length & 0xff) | code);
  return character;
}

/// As in "'é' (U+00E9)"; what does not show has its number alone.
std::string shown(uint32_t code) {
  constexpr const char* digits = "0123456789ABCDEF";
  std::string number;
  for (int shift = code > 0xfffff ? 20 : code > 0xffff ? 16 : 12; shift >= 0; shift -= 4)
    number += digits[code >> shift & 0xf];
  const bool is_control = code <= 0x20 || (code >= 0x7f && code <= 0xa0);
  return is_control ? "U+" + number : "'" + utf8_of(code) + "' (U+" + number + ")";
}

/// A loose byte, one that belongs to no character, goes behind all of them.
constexpr uint32_t loose = 0x110000;

/// Calls take(what, offset) for each character (its code point) and loose byte (`loose` + the
/// byte).
template <class Take>
void for_each_character(std::string_view text, const Take& take) {
  for (size_t offset = 0; offset < text.size();) {
    const size_t length = character_length(text.substr(offset));
    take(length > 0 ? code_point(text.substr(offset, length))
                    : loose + static_cast<unsigned char>(text[offset]),
         offset);
    offset += std::max<size_t>(length, 1);
  }
}

/// The characters and loose bytes of a text, each a token.
class CharacterTokens final : public TokenizerModel {
 public:
  explicit CharacterTokens(Numbers codes) : codes_(std::move(codes)) {}

  std::string_view kind() const override { return "characters"; }
  int64_t vocab_size() const override { return static_cast<int64_t>(codes_.size()); }
  void append(int64_t id, std::string& text) const override {
    const uint32_t code = codes_[static_cast<size_t>(id)];
    code < loose ? text += utf8_of(code) : text += static_cast<char>(code - loose);
  }

  NumberLists lists() const override {
    const auto first_byte = std::ranges::lower_bound(codes_, loose);
    Numbers bytes(first_byte, codes_.end());
    for (uint32_t& byte : bytes) byte -= loose;
    return {{"characters", Numbers(codes_.begin(), first_byte)}, {"bytes", std::move(bytes)}};
  }

  std::vector<int64_t> encode(std::string_view text) const override {
    std::vector<int64_t> ids;
    ids.reserve(text.size());
    for_each_character(text, [&](uint32_t code, size_t offset) {
      const auto found = std::ranges::lower_bound(codes_, code);
      if (found == codes_.end() || *found != code) refuse(code, ids.size(), offset);
      ids.push_back(found - codes_.begin());
    });
    return ids;
  }

 private:
  [[noreturn]] void refuse(uint32_t code, size_t number, size_t offset) const {
    const std::string what = code < loose ? shown(code)
                                          : shown_byte(static_cast<unsigned char>(code - loose)) +
                                                ", which is no UTF-8,";
    fail<ValueError>("cannot encode ", what, " at character ", number, ", offset ", offset,
                     ": it is none of the ", codes_.size(), " characters of the vocabulary");
  }

  Numbers codes_;  // of each id, rising
};

}  // namespace

TokenizerHandle character_tokens(std::string_view text) {
  std::unordered_set<uint32_t> seen;
  for_each_character(text, [&](uint32_t code, size_t) { seen.insert(code); });
  Numbers codes(seen.begin(), seen.end());
  std::ranges::sort(codes);
  return std::make_shared<CharacterTokens>(std::move(codes));
}

TokenizerHandle character_tokens(Numbers characters, Numbers bytes) {
  want_rising("characters", characters, 0, loose - 1);
  const auto surrogate = std::ranges::lower_bound(characters, 0xd800u);
  if (surrogate != characters.end() && *surrogate <= 0xdfff)
    fail<ValueError>("characters[", surrogate - characters.begin(),
                     "] must be no surrogate, found ", *surrogate);
  want_rising("bytes", bytes, 0x80, 0xff);
  for (const uint32_t byte : bytes) characters.push_back(loose + byte);
  return std::make_shared<CharacterTokens>(std::move(characters));
}

}  // namespace rill::detail
