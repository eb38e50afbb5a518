#pragma once

#include <string>
#include <vector>

#include <rill/nn/decoder.h>

#include "../support/sampling.h"
#include "corpus.h"
#include "options.h"

namespace tiny_transformer {

/// How it is to write: from options.prompt on, or from corpus.beginning where that is not given.
/// Throws std::invalid_argument, naming the byte or character and its place, for one that the text
/// lacks.
examples::Sampling sampling_of(const Corpus& corpus, const Options& options);

/// What became of words that the model wrote.
struct WordShares {
  double training;  // share that it was shown in training
  double held_out;  // share that is in the dictionary, but was never shown to it
  double invented;  // share that is in no dictionary
};

/// The first whole word of each sample that has one.
std::vector<std::string> sample_words(const rill::nn::LanguageModel& model, const Corpus& corpus,
                                      const Options& options, int64_t count);
WordShares word_shares(const Corpus& corpus, const std::vector<std::string>& words);

/// `num_samples` samples as text to show: words with the shares above where the corpus is one of
/// words, continuations of the prompt otherwise.
std::string shown_samples(const rill::nn::LanguageModel& model, const Corpus& corpus,
                          const Options& options);

}  // namespace tiny_transformer
