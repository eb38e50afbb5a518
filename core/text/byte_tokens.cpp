#include <array>
#include <bitset>

#include <rill/core/error.h>
#include <rill/core/text/detail/tokenizer_model.h>

namespace rill::detail {
namespace {

/// The bytes of a text, each a token.
class ByteTokens final : public TokenizerModel {
 public:
  explicit ByteTokens(Numbers bytes) : bytes_(std::move(bytes)) {
    ids_.fill(-1);
    for (size_t id = 0; id < bytes_.size(); ++id) ids_[bytes_[id]] = static_cast<int64_t>(id);
  }

  std::string_view kind() const override { return "bytes"; }
  int64_t vocab_size() const override { return static_cast<int64_t>(bytes_.size()); }
  void append(int64_t id, std::string& text) const override {
    text += static_cast<char>(bytes_[static_cast<size_t>(id)]);
  }
  NumberLists lists() const override { return {{"bytes", bytes_}}; }

  std::vector<int64_t> encode(std::string_view text) const override {
    std::vector<int64_t> ids(text.size());
    for (size_t i = 0; i < text.size(); ++i) {
      const auto byte = static_cast<unsigned char>(text[i]);
      ids[i] = ids_[byte];
      if (ids[i] < 0) refuse(byte, i);
    }
    return ids;
  }

 private:
  [[noreturn]] void refuse(unsigned char byte, size_t offset) const {
    fail<ValueError>("cannot encode ", shown_byte(byte), " at offset ", offset,
                     ": it is none of the ", bytes_.size(), " bytes of the vocabulary");
  }

  Numbers bytes_;  // of each id, rising
  std::array<int64_t, 256> ids_;
};

}  // namespace

std::string shown_byte(unsigned char byte) {
  const bool is_printable = byte > 0x20 && byte < 0x7f;
  const std::string shown =
      is_printable ? " ('" + std::string(1, static_cast<char>(byte)) + "')" : "";
  return "byte " + std::to_string(byte) + shown;
}

void want_rising(const std::string& name, const Numbers& numbers, uint32_t low, uint32_t high) {
  for (size_t i = 0; i < numbers.size(); ++i) {
    if (numbers[i] < low || numbers[i] > high)
      fail<ValueError>(name, "[", i, "] must be from ", low, " to ", high, ", found ", numbers[i]);
    if (i > 0 && numbers[i] <= numbers[i - 1])
      fail<ValueError>(name, " must rise, found ", numbers[i], " behind ", numbers[i - 1], " at ",
                       i);
  }
}

TokenizerHandle byte_tokens(std::string_view text) {
  std::bitset<256> seen;
  for (const char c : text) seen.set(static_cast<unsigned char>(c));
  Numbers bytes;
  for (uint32_t byte = 0; byte < 256; ++byte)
    if (seen[byte]) bytes.push_back(byte);
  return std::make_shared<ByteTokens>(std::move(bytes));
}

TokenizerHandle byte_tokens(Numbers bytes) {
  want_rising("bytes", bytes, 0, 255);
  return std::make_shared<ByteTokens>(std::move(bytes));
}

}  // namespace rill::detail
