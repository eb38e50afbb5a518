#pragma once

#include <cstdint>
#include <string>
#include <unordered_set>
#include <vector>

#include <rill/core/random.h>
#include <rill/core/text/tokenizer.h>

#include "options.h"

namespace tiny_transformer {

/// Debian's.
constexpr const char* word_list = "/usr/share/dict/words";

/// A text as token ids, cut into a training and a validation part.
struct Corpus {
  rill::Tokenizer tokenizer = rill::Tokenizer::bytes("");
  std::vector<int64_t> train;
  std::vector<int64_t> validation;
  int64_t validation_bytes = 0;
  /// What a sample begins with: a line feed, or the first token where the training part has none.
  std::string beginning;
  /// Only of a corpus of words: all of them, and those of the training part.
  std::unordered_set<std::string> words;
  std::unordered_set<std::string> training_words;

  int64_t vocab_size() const { return tokenizer.vocab_size(); }
  /// A loss on the validation part, given in nats a token.
  double bits_per_byte(double loss) const;
};

/// The first 90 % of the file for training, the rest for validation, as nanoGPT does. Where tokens
/// are characters, none is cut in two.
Corpus corpus_of_text(const std::string& path, const Options& options = {});

/// The words of a word list that are all small letters, one a line, in an order drawn from
/// `generator`: 90 % of the words for training, the others for validation.
Corpus corpus_of_words(const std::string& path, rill::Generator generator,
                       const Options& options = {});

/// The text that options.text names, else Debian's word list in an order drawn from options.seed.
/// Throws std::invalid_argument where a part is not longer than `longest` tokens.
Corpus load_corpus(const Options& options, int64_t longest);

/// Throws std::invalid_argument, naming both lengths, where a part is not longer than a block.
void check_length(const Corpus& corpus, int64_t block_size);

}  // namespace tiny_transformer
