#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rill::detail {

inline constexpr uint32_t byte_count = 256;
inline constexpr uint32_t longest_token = 65536;  // in bytes

/// Two tokens that stand side by side.
struct TokenPair {
  uint32_t left;
  uint32_t right;
  friend auto operator<=>(const TokenPair&, const TokenPair&) = default;
};

/// Pairs in the order in which they were learned: pair k becomes token byte_count + k.
class Merges {
 public:
  static constexpr uint32_t none = std::numeric_limits<uint32_t>::max();

  /// Whether its token would be short enough. Both tokens must be there.
  bool has_room_for(TokenPair pair) const {
    return length(pair.left) + length(pair.right) <= longest_token;
  }
  void add(TokenPair pair);
  /// Must follow the last add. The place in pairs() of one that is there twice, else `none`.
  uint32_t sort();

  const std::vector<TokenPair>& pairs() const { return pairs_; }
  uint32_t token_count() const { return byte_count + static_cast<uint32_t>(pairs_.size()); }
  TokenPair pair_of(uint32_t token) const { return pairs_[token - byte_count]; }
  /// What the pair becomes; `none` where it was not learned.
  uint32_t token_of(TokenPair pair) const;
  void append_bytes(uint32_t token, std::string& text) const;

 private:
  uint32_t length(uint32_t token) const {
    return token < byte_count ? 1 : lengths_[token - byte_count];
  }

  std::vector<TokenPair> pairs_;
  std::vector<uint32_t> lengths_;                       // in bytes
  std::vector<std::pair<TokenPair, uint32_t>> sorted_;  // pairs with their tokens
};

/// The tokens of words, linked to their neighbours in the word, so that two can become one in
/// constant time.
class TokenChain {
 public:
  static constexpr uint32_t none = std::numeric_limits<uint32_t>::max();

  void clear();
  /// Each byte a token. Throws ValueError where all words have 4 GiB or more.
  void add_word(std::string_view word);
  size_t size() const { return tokens_.size(); }
  uint32_t token(uint32_t place) const { return tokens_[place]; }
  /// The place of the neighbour; `none` at the end of the word.
  uint32_t left_of(uint32_t place) const { return left_[place]; }
  uint32_t right_of(uint32_t place) const { return right_[place]; }
  /// The token at `place` and its right neighbour, which must be there.
  TokenPair pair_at(uint32_t place) const { return {tokens_[place], tokens_[right_[place]]}; }
  /// Whether the pair still begins at `place`.
  bool has_pair_at(uint32_t place, TokenPair pair) const {
    return right_[place] != none && pair_at(place) == pair;
  }
  /// Makes one token of the pair at `place`.
  void merge(uint32_t place, uint32_t token);

 private:
  std::vector<uint32_t> tokens_, left_, right_;
};

/// Learns up to `count` merges from the words of a text.
Merges learn_merges(std::string_view text, size_t count);

}  // namespace rill::detail
