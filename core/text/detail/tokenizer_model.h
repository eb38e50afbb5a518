#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// A kind of tokenizer has its maker from a text and its maker from the lists of its JSON, both in
// its own source, and its line in the table of tokenizer_json.cpp.

namespace rill::detail {

using Numbers = std::vector<uint32_t>;
/// The lists that stand in the JSON beside the kind, by their names.
using NumberLists = std::vector<std::pair<std::string, Numbers>>;

/// What a Tokenizer shares with its copies.
class TokenizerModel {
 public:
  virtual ~TokenizerModel() = default;
  virtual std::string_view kind() const = 0;
  virtual int64_t vocab_size() const = 0;
  virtual std::vector<int64_t> encode(std::string_view text) const = 0;
  /// Appends the bytes of a token of the vocabulary.
  virtual void append(int64_t id, std::string& text) const = 0;
  /// All that makes it what it is: tokenizers with equal lists are equal.
  virtual NumberLists lists() const = 0;
};

using TokenizerHandle = std::shared_ptr<const TokenizerModel>;

inline constexpr int64_t most_tokens = 1 << 20;

TokenizerHandle byte_tokens(std::string_view text);
TokenizerHandle character_tokens(std::string_view text);
TokenizerHandle byte_pair_tokens(std::string_view text, int64_t vocab_size);

// These throw ValueError, naming list and place, for a number that cannot stand there.
TokenizerHandle byte_tokens(Numbers bytes);
TokenizerHandle character_tokens(Numbers characters, Numbers bytes);
TokenizerHandle byte_pair_tokens(const Numbers& merges);

/// As in "byte 122 ('z')" and "byte 255".
std::string shown_byte(unsigned char byte);

/// Throws ValueError unless the numbers of the list rise, from `low` up to `high`.
void want_rising(const std::string& name, const Numbers& numbers, uint32_t low, uint32_t high);

}  // namespace rill::detail
