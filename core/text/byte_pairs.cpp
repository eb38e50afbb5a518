#include <algorithm>

#include <rill/core/error.h>
#include <rill/core/text/detail/byte_pairs.h>

namespace rill::detail {

void Merges::add(TokenPair pair) {
  lengths_.push_back(length(pair.left) + length(pair.right));
  sorted_.emplace_back(pair, token_count());
  pairs_.push_back(pair);
}

uint32_t Merges::sort() {
  std::ranges::sort(sorted_);
  const auto twice = std::ranges::adjacent_find(
      sorted_, [](const auto& a, const auto& b) { return a.first == b.first; });
  return twice == sorted_.end() ? none : std::next(twice)->second - byte_count;
}

uint32_t Merges::token_of(TokenPair pair) const {
  const auto found =
      std::ranges::lower_bound(sorted_, pair, {}, [](const auto& entry) { return entry.first; });
  return found != sorted_.end() && found->first == pair ? found->second : none;
}

void Merges::append_bytes(uint32_t token, std::string& text) const {
  std::vector<uint32_t> waiting{token};
  while (!waiting.empty()) {
    const uint32_t next = waiting.back();
    waiting.pop_back();
    if (next < byte_count) {
      text += static_cast<char>(next);
    } else {
      waiting.push_back(pair_of(next).right);
      waiting.push_back(pair_of(next).left);
    }
  }
}

void TokenChain::clear() {
  tokens_.clear();
  left_.clear();
  right_.clear();
}

void TokenChain::add_word(std::string_view word) {
  if (word.size() >= none - size())
    fail<ValueError>("byte pairs are merged in less than 4 GiB of words, found ",
                     size() + word.size(), " bytes");
  for (size_t i = 0; i < word.size(); ++i) {
    const auto place = static_cast<uint32_t>(size());
    tokens_.push_back(static_cast<unsigned char>(word[i]));
    left_.push_back(i > 0 ? place - 1 : none);
    right_.push_back(i + 1 < word.size() ? place + 1 : none);
  }
}

void TokenChain::merge(uint32_t place, uint32_t token) {
  const uint32_t taken = right_[place];
  tokens_[place] = token;
  right_[place] = right_[taken];
  if (right_[place] != none) left_[right_[place]] = place;
  right_[taken] = none;  // so that no pair begins there any more
}

}  // namespace rill::detail
