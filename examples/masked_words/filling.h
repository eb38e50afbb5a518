#pragma once

#include <string>
#include <vector>

#include "model.h"

namespace masked_words {

/// A word, and the probability that the model gives it.
struct Guess {
  std::string word;
  double share;
};

/// The five likeliest words for each [MASK] of `text`, in which | parts two sentences. What does
/// not fit into model.options().max_len is cut off.
std::vector<std::vector<Guess>> guesses_for(const MaskedWordModel& model,
                                            const Vocabulary& vocabulary, const std::string& text);

/// The least max_len at which no word of `text` is cut off.
int64_t length_for(const std::string& text, const Vocabulary& vocabulary);

/// `text` with the likeliest word in place of each [MASK].
std::string filled(std::string text, const std::vector<std::vector<Guess>>& guesses);

/// A line for each [MASK].
std::string shown(const std::vector<std::vector<Guess>>& guesses);

}  // namespace masked_words
