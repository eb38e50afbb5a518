#include <algorithm>
#include <functional>
#include <queue>
#include <unordered_map>

#include <rill/core/error.h>
#include <rill/core/text/detail/byte_pairs.h>
#include <rill/core/text/detail/tokenizer_model.h>
#include <rill/core/text/detail/words.h>

namespace rill::detail {
namespace {

/// Merges the bytes of words, in n log n, also where a text is a single word.
class Encoder {
 public:
  explicit Encoder(const Merges& merges) : merges_(merges) {}

  void append(std::string_view word, std::vector<int64_t>& ids) {
    chain_.clear();
    chain_.add_word(word);
    for (uint32_t place = 0; place < chain_.size(); ++place) wait(place);
    while (!waiting_.empty()) {
      const auto [token, place] = waiting_.top();
      waiting_.pop();
      if (chain_.has_pair_at(place, merges_.pair_of(token))) merge(place, token);
    }
    for (uint32_t place = 0; place != TokenChain::none; place = chain_.right_of(place))
      ids.push_back(chain_.token(place));
  }

 private:
  /// Puts the pair that begins at `place` among those to be merged, if it is one.
  void wait(uint32_t place) {
    if (place == TokenChain::none || chain_.right_of(place) == TokenChain::none) return;
    const uint32_t token = merges_.token_of(chain_.pair_at(place));
    if (token != Merges::none) waiting_.emplace(token, place);
  }

  void merge(uint32_t place, uint32_t token) {
    chain_.merge(place, token);
    wait(chain_.left_of(place));
    wait(place);
  }

  using TokenAndPlace = std::pair<uint32_t, uint32_t>;

  const Merges& merges_;
  TokenChain chain_;
  /// Learned first comes first, of one pair the leftmost.
  std::priority_queue<TokenAndPlace, std::vector<TokenAndPlace>, std::greater<>> waiting_;
};

/// All bytes, and pairs that are merged within words.
class BytePairTokens final : public TokenizerModel {
 public:
  explicit BytePairTokens(Merges merges) : merges_(std::move(merges)) {}

  std::string_view kind() const override { return "byte_pairs"; }
  int64_t vocab_size() const override { return merges_.token_count(); }
  void append(int64_t id, std::string& text) const override {
    merges_.append_bytes(static_cast<uint32_t>(id), text);
  }

  NumberLists lists() const override {
    Numbers merges;
    for (const auto& [left, right] : merges_.pairs()) merges.insert(merges.end(), {left, right});
    return {{"merges", std::move(merges)}};
  }

  std::vector<int64_t> encode(std::string_view text) const override {
    Encoder encoder(merges_);
    std::vector<int64_t> ids;
    struct Part {
      size_t begin, end;
    };
    std::unordered_map<std::string_view, Part> known;  // where the ids of a word stand already
    while (!text.empty()) {
      const std::string_view word = take_word(text);
      const auto [entry, is_new] = known.try_emplace(word, Part{ids.size(), 0});
      Part& part = entry->second;
      if (is_new) {
        encoder.append(word, ids);
        part.end = ids.size();
      } else {
        for (size_t i = part.begin; i < part.end; ++i) ids.push_back(ids[i]);
      }
    }
    return ids;
  }

 private:
  Merges merges_;
};

void want_known(uint32_t id, size_t at, uint32_t token_count) {
  if (id >= token_count)
    fail<ValueError>("merges[", at, "] must be one of the ", token_count,
                     " tokens that are there by then, found ", id);
}

}  // namespace

TokenizerHandle byte_pair_tokens(std::string_view text, int64_t vocab_size) {
  if (vocab_size < byte_count || vocab_size > most_tokens)
    fail<ValueError>("Tokenizer::byte_pairs: vocab_size must be from ", byte_count,
                     " (a token for each byte) to ", most_tokens, ", found ", vocab_size);
  return std::make_shared<BytePairTokens>(
      learn_merges(text, static_cast<size_t>(vocab_size) - byte_count));
}

TokenizerHandle byte_pair_tokens(const Numbers& numbers) {
  constexpr size_t most_numbers = 2 * (most_tokens - byte_count);
  if (numbers.size() % 2 != 0 || numbers.size() > most_numbers)
    fail<ValueError>("merges must be pairs, of at most ", most_numbers, " numbers, found ",
                     numbers.size());
  Merges merges;
  for (size_t i = 0; i < numbers.size(); i += 2) {
    const TokenPair pair{numbers[i], numbers[i + 1]};
    want_known(pair.left, i, merges.token_count());
    want_known(pair.right, i + 1, merges.token_count());
    if (!merges.has_room_for(pair))
      fail<ValueError>("merges[", i, "] and the next make a token of more than ", longest_token,
                       " bytes");
    merges.add(pair);
  }
  if (const uint32_t twice = merges.sort(); twice != Merges::none)
    fail<ValueError>("merges[", 2 * twice, "] and the next are a pair that is there before");
  return std::make_shared<BytePairTokens>(std::move(merges));
}

}  // namespace rill::detail
