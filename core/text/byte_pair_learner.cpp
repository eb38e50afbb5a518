#include <queue>
#include <tuple>
#include <unordered_map>

#include <rill/core/text/detail/byte_pairs.h>
#include <rill/core/text/detail/words.h>

namespace rill::detail {
namespace {

/// Where a pair stands in different words, and how often it does in the text.
struct Occurrences {
  int64_t count = 0;
  std::vector<uint32_t> places = {};
};

/// What may be merged next. Its count is that of some time before: it may have fallen since.
struct Candidate {
  int64_t count;
  TokenPair pair;
  bool operator<(const Candidate& other) const {
    return std::tie(count, other.pair) < std::tie(other.count, pair);
  }
};

struct HashOfPair {
  size_t operator()(TokenPair pair) const {
    return std::hash<uint64_t>()(uint64_t{pair.left} << 32 | pair.right);
  }
};

/// Counts pairs once, and then only what a merge changes. A pair of tokens arises in one merge
/// alone (that of the younger token), so that its count falls from then on: the largest candidate
/// whose count is still right is the most frequent pair.
class Learner {
 public:
  explicit Learner(std::string_view text) {
    std::unordered_map<std::string_view, int64_t> words;
    while (!text.empty()) ++words[take_word(text)];
    for (const auto& [word, count] : words) add_word(word, count);
    for (uint32_t place = 0; place < chain_.size(); ++place) add_pair_at(place);
    push_new_candidates();
  }

  Merges learn(size_t count) {
    while (merges_.pairs().size() < count && !candidates_.empty()) {
      const Candidate best = candidates_.top();
      candidates_.pop();
      const int64_t now = occurrences_.at(best.pair).count;
      if (now < 2 || !merges_.has_room_for(best.pair))
        occurrences_.erase(best.pair);
      else if (now < best.count)
        candidates_.push({now, best.pair});
      else
        merge(best.pair);
    }
    merges_.sort();
    return std::move(merges_);
  }

 private:
  void add_word(std::string_view word, int64_t count) {
    chain_.add_word(word);
    counts_.resize(chain_.size(), count);
  }

  /// The pair that begins at `place`, if one does, stands there from now on.
  void add_pair_at(uint32_t place) {
    if (place == TokenChain::none || chain_.right_of(place) == TokenChain::none) return;
    const TokenPair pair = chain_.pair_at(place);
    Occurrences& found = occurrences_[pair];
    if (found.places.empty()) new_pairs_.push_back(pair);
    found.count += counts_[place];
    found.places.push_back(place);
  }

  /// The pair that begins at `place`, if one does, is about to be parted.
  void take_pair_from(uint32_t place) {
    if (place == TokenChain::none || chain_.right_of(place) == TokenChain::none) return;
    const auto found = occurrences_.find(chain_.pair_at(place));
    if (found != occurrences_.end()) found->second.count -= counts_[place];
  }

  void push_new_candidates() {
    for (const TokenPair& pair : new_pairs_) candidates_.push({occurrences_[pair].count, pair});
    new_pairs_.clear();
  }

  void merge(TokenPair pair) {
    const uint32_t token = merges_.token_count();
    merges_.add(pair);
    const std::vector<uint32_t> places = std::move(occurrences_[pair].places);
    occurrences_.erase(pair);
    for (const uint32_t place : places) {
      if (!chain_.has_pair_at(place, pair)) continue;
      take_pair_from(chain_.left_of(place));
      take_pair_from(chain_.right_of(place));
      chain_.merge(place, token);
      add_pair_at(chain_.left_of(place));
      add_pair_at(place);
    }
    push_new_candidates();
  }

  TokenChain chain_;             // each different word once
  std::vector<int64_t> counts_;  // how often the word of a place stands in the text
  std::unordered_map<TokenPair, Occurrences, HashOfPair> occurrences_;
  std::vector<TokenPair> new_pairs_;  // since candidates were pushed
  std::priority_queue<Candidate> candidates_;
  Merges merges_;
};

}  // namespace

Merges learn_merges(std::string_view text, size_t count) { return Learner(text).learn(count); }

}  // namespace rill::detail
