#include "pairs.h"

#include <rill/core/ops.h>

#include <algorithm>

namespace masked_words {
namespace {

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

}  // namespace

Pair pair_of(const std::vector<int64_t>& first, const std::vector<int64_t>& second,
             int64_t length) {
  Pair pair{{start}, {0}};
  append(first, (length - 3) / 2, 0, pair);
  append(second, (length - 3) / 2, 1, pair);
  return pair;
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
  size_t length = 0;
  for (const Pair& pair : pairs) length = std::max(length, pair.ids.size());
  std::vector<int64_t> ids, segments, places, targets;
  for (const Pair& pair : pairs) {
    ids.insert(ids.end(), pair.ids.begin(), pair.ids.end());
    segments.insert(segments.end(), pair.segments.begin(), pair.segments.end());
    ids.resize((ids.size() + length - 1) / length * length, padding);
    segments.resize(ids.size(), 1);
  }
  const auto total = static_cast<int64_t>(ids.size());
  const std::vector<double> draws =
      rill::rand({2 * total}, generator, rill::float64).to_vector<double>();
  const auto is_word = [&](int64_t i) { return ids[static_cast<size_t>(i)] >= special_count; };
  for (int64_t i = 0; i < total; ++i) {
    if (!is_word(i) || draws[static_cast<size_t>(i)] >= share) continue;
    places.push_back(i);
    targets.push_back(ids[static_cast<size_t>(i)]);
  }
  if (places.empty()) {
    int64_t first = 0;
    while (first + 1 < total && !is_word(first)) ++first;
    places.push_back(first);
    targets.push_back(ids[static_cast<size_t>(first)]);
  }
  for (size_t i = 0; i < places.size(); ++i)
    ids[static_cast<size_t>(places[i])] =
        shown(targets[i], show, draws[static_cast<size_t>(total + places[i])], vocab_size);
  const rill::Shape shape{static_cast<int64_t>(pairs.size()), static_cast<int64_t>(length)};
  const rill::Tensor shown_ids = rill::from_vector(ids, shape);
  return {shown_ids, rill::from_vector(segments, shape),
          rill::eq(shown_ids, static_cast<double>(padding)), rill::from_vector(places),
          rill::from_vector(targets)};
}

}  // namespace masked_words
