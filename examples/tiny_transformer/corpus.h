#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <unordered_set>
#include <vector>

#include <rill/core/random.h>

#include "options.h"

namespace tiny_transformer {

/// A text as token ids, cut into a training and a validation part. A token is a byte that occurs in
/// the text, so any file makes the round trip unchanged: CRLF, NUL and broken UTF-8 too. (A letter
/// outside ASCII is several tokens.)
struct Corpus {
  std::vector<unsigned char> vocabulary;  // the byte of each id, rising
  std::vector<int64_t> train;
  std::vector<int64_t> validation;
  /// Only of a corpus of words: all of them, and those of the training part.
  std::unordered_set<std::string> words;
  std::unordered_set<std::string> training_words;

  int64_t vocab_size() const { return static_cast<int64_t>(vocabulary.size()); }
  /// Throws std::invalid_argument, naming the byte, for one that the vocabulary lacks.
  std::vector<int64_t> encode(const std::string& text) const;
  std::string decode(const std::vector<int64_t>& ids) const;
};

/// The first 90 % of the file for training, the rest for validation, as nanoGPT does.
Corpus corpus_of_text(const std::string& path);

/// The words of a word list that are all small letters, one a line, in an order drawn from
/// `generator`: 90 % of the words for training, the others for validation.
Corpus corpus_of_words(const std::string& path, rill::Generator generator);

/// The text that options.text names, else Debian's word list in an order drawn from options.seed.
/// Throws std::invalid_argument where a part is not longer than `longest` tokens.
Corpus load_corpus(const Options& options, int64_t longest);

/// Throws std::invalid_argument, naming both lengths, where a part is not longer than a block.
void check_length(const Corpus& corpus, int64_t block_size);

}  // namespace tiny_transformer
