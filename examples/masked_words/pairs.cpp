#include "pairs.h"

#include <rill/core/ops.h>

#include <algorithm>

namespace masked_words {
namespace {

constexpr int64_t marks = 3;  // [CLS] and [SEP] twice

/// The words of each sentence that a pair of `length` tokens has room for.
int64_t room_in(int64_t length) { return (length - marks) / 2; }

void append(const std::vector<int64_t>& sentence, int64_t limit, int64_t segment, Pair& pair) {
  const auto count = std::min<int64_t>(static_cast<int64_t>(sentence.size()), limit);
  pair.ids.insert(pair.ids.end(), sentence.begin(), sentence.begin() + count);
  pair.ids.push_back(separator);
  pair.segments.resize(pair.ids.size(), segment);
}

/// What stands in place of a hidden word; `draw` is uniform in [0, 1).
int64_t shown(int64_t word, Show show, double draw, int64_t vocab_size) {
  if (show == Show::mask || draw < 0.8) return mask;
  if (draw >= 0.9) return word;
  const double again = (draw - 0.8) * 10;
  return special_count +
         static_cast<int64_t>(again * static_cast<double>(vocab_size - special_count));
}

/// Pairs one after the other, each filled up to the longest one's length.
struct Rows {
  int64_t length = 0;
  std::vector<int64_t> ids, segments;
};

Rows side_by_side(const std::vector<Pair>& pairs) {
  size_t length = 0;
  for (const Pair& pair : pairs) length = std::max(length, pair.ids.size());
  Rows rows{static_cast<int64_t>(length), {}, {}};
  for (size_t i = 0; i < pairs.size(); ++i) {
    const auto& [ids, segments] = pairs[i];
    rows.ids.insert(rows.ids.end(), ids.begin(), ids.end());
    rows.segments.insert(rows.segments.end(), segments.begin(), segments.end());
    rows.ids.resize((i + 1) * length, padding);
    rows.segments.resize(rows.ids.size(), 1);
  }
  return rows;
}

bool is_word(int64_t id) { return id >= special_count; }

/// The places of words whose draw is under `share`; where there is none, that of the first word, or
/// of what stands last if nothing is a word.
std::vector<int64_t> places_to_hide(const std::vector<int64_t>& ids, double share,
                                    const std::vector<double>& draws) {
  std::vector<int64_t> places;
  for (size_t i = 0; i < ids.size(); ++i)
    if (is_word(ids[i]) && draws[i] < share) places.push_back(static_cast<int64_t>(i));
  if (places.empty())
    places.push_back(std::find_if(ids.begin(), ids.end() - 1, is_word) - ids.begin());
  return places;
}

}  // namespace

int64_t length_for_sentences_of(int64_t words) { return 2 * words + marks; }

Pair pair_of(const std::vector<int64_t>& first, const std::vector<int64_t>& second,
             int64_t length) {
  Pair pair{{start}, {0}};
  append(first, room_in(length), 0, pair);
  append(second, room_in(length), 1, pair);
  return pair;
}

double percent_cut(const std::vector<std::string>& sentences, int64_t length) {
  const auto room = static_cast<double>(room_in(length));
  double all = 0, kept = 0;
  for (const std::string& sentence : sentences) {
    const auto words = static_cast<double>(words_of(sentence).size());
    all += words;
    kept += std::min(words, room);
  }
  return all > 0 ? 100 * (all - kept) / all : 0;
}

std::vector<Pair> pairs_of(const std::vector<std::string>& sentences, const Vocabulary& vocabulary,
                           int64_t length, rill::Generator& generator) {
  const auto count = static_cast<int64_t>(sentences.size() / 2);
  std::vector<Pair> pairs;
  for (const int64_t i : rill::randperm(count, generator).to_vector<int64_t>()) {
    const auto at = static_cast<size_t>(2 * i);
    pairs.push_back(
        pair_of(vocabulary.ids(sentences[at]), vocabulary.ids(sentences[at + 1]), length));
  }
  return pairs;
}

Batch hide(const std::vector<Pair>& pairs, double share, Show show, int64_t vocab_size,
           rill::Generator& generator) {
  Rows rows = side_by_side(pairs);
  const auto total = static_cast<int64_t>(rows.ids.size());
  const std::vector<double> draws =
      rill::rand({2 * total}, generator, rill::float64).to_vector<double>();
  const std::vector<int64_t> places = places_to_hide(rows.ids, share, draws);
  std::vector<int64_t> targets;
  for (const int64_t place : places) {
    int64_t& id = rows.ids[static_cast<size_t>(place)];
    targets.push_back(id);
    id = shown(id, show, draws[static_cast<size_t>(total + place)], vocab_size);
  }
  const rill::Shape shape{static_cast<int64_t>(pairs.size()), rows.length};
  const rill::Tensor ids = rill::from_vector(rows.ids, shape);
  return {ids, rill::from_vector(rows.segments, shape), rill::eq(ids, static_cast<double>(padding)),
          rill::from_vector(places), rill::from_vector(targets)};
}

}  // namespace masked_words
