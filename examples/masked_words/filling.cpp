#include "filling.h"

#include <rill/core/autograd.h>
#include <rill/core/ops.h>
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <array>

namespace masked_words {
namespace {

/// The two sentences of `text`, of which the second may be empty.
std::array<std::vector<int64_t>, 2> sentences_to_fill(const std::string& text,
                                                      const Vocabulary& vocabulary) {
  const size_t bar = std::min(text.find('|'), text.size());
  return {vocabulary.ids(text.substr(0, bar)),
          vocabulary.ids(bar < text.size() ? text.substr(bar + 1) : "")};
}

/// The pair alone, with its holes.
Batch batch_of(const Pair& pair) {
  std::vector<int64_t> places;
  for (size_t i = 0; i < pair.ids.size(); ++i)
    if (pair.ids[i] == mask) places.push_back(static_cast<int64_t>(i));
  const auto length = static_cast<int64_t>(pair.ids.size());
  return {rill::from_vector(pair.ids, {1, length}),
          rill::from_vector(pair.segments, {1, length}),
          rill::zeros({1, length}, rill::bool_),
          rill::from_vector(places),
          {}};
}

}  // namespace

std::vector<std::vector<Guess>> guesses_for(const MaskedWordModel& model,
                                            const Vocabulary& vocabulary, const std::string& text) {
  const rill::NoGradGuard no_grad;
  const rill::nn::EvalGuard evaluating(model);
  const auto [first, second] = sentences_to_fill(text, vocabulary);
  const Batch batch = batch_of(pair_of(first, second, model.options().max_len));
  std::vector<std::vector<Guess>> guesses(static_cast<size_t>(batch.places.numel()));
  if (guesses.empty()) return guesses;
  const auto [shares, ids] = topk(softmax(model(batch), -1), 5);
  for (int64_t hole = 0; hole < shares.size(0); ++hole)
    for (int64_t i = 0; i < shares.size(1); ++i)
      guesses[static_cast<size_t>(hole)].push_back(
          {vocabulary.word(ids[hole][i].item<int64_t>()), shares[hole][i].item()});
  return guesses;
}

int64_t length_for(const std::string& text, const Vocabulary& vocabulary) {
  const auto [first, second] = sentences_to_fill(text, vocabulary);
  return length_for_sentences_of(static_cast<int64_t>(std::max(first.size(), second.size())));
}

std::string filled(std::string text, const std::vector<std::vector<Guess>>& guesses) {
  static const std::string hole = "[MASK]";
  size_t at = 0;
  for (const std::vector<Guess>& likeliest : guesses) {
    at = text.find(hole, at);
    text.replace(at, hole.size(), likeliest.front().word);
    at += likeliest.front().word.size();
  }
  return text;
}

std::string shown(const std::vector<std::vector<Guess>>& guesses) {
  std::string out;
  for (const std::vector<Guess>& likeliest : guesses) {
    out += "   ";
    for (const Guess& guess : likeliest)
      out += fmt::format(" {} {:.0f} %", guess.word, 100 * guess.share);
    out += "\n";
  }
  return out;
}

}  // namespace masked_words
