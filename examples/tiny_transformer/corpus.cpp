#include "corpus.h"

#include <rill/core/random.h>
#include <rill/core/tensor.h>
#include <rill/core/text/token_cache.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>

namespace tiny_transformer {
namespace {

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (!file.is_open() || file.bad()) throw std::invalid_argument("cannot read " + path);
  return text;
}

/// Pairs are learned from the training part alone; bytes and characters must be known in both.
rill::Tokenizer tokenizer_of(const std::string& train, const std::string& validation,
                             const Options& options) {
  switch (options.tokenizer) {
    case Tokens::bpe:
      return rill::Tokenizer::byte_pairs(train, options.vocab_size.value_or(default_vocab_size));
    case Tokens::chars: return rill::Tokenizer::characters(train + validation);
    case Tokens::bytes: break;
  }
  return rill::Tokenizer::bytes(train + validation);
}

/// A large text is not cut into pairs anew at every start.
std::vector<int64_t> encode(const rill::Tokenizer& tokenizer, const std::string& text,
                            const Options& options) {
  constexpr size_t large = 8 << 20;
  const bool is_slow = options.tokenizer == Tokens::bpe && text.size() > large;
  return is_slow && !options.text.empty() ? rill::encode_cached(tokenizer, text, options.text)
                                          : tokenizer.encode(text);
}

Corpus corpus_of(const std::string& train, const std::string& validation, const Options& options) {
  Corpus corpus;
  corpus.tokenizer = tokenizer_of(train, validation, options);
  corpus.train = encode(corpus.tokenizer, train, options);
  corpus.validation = encode(corpus.tokenizer, validation, options);
  corpus.validation_bytes = static_cast<int64_t>(validation.size());
  const bool has_lines = train.empty() || train.find('\n') != std::string::npos;
  corpus.beginning = has_lines ? "\n" : corpus.tokenizer.decode(corpus.train.front());
  return corpus;
}

std::vector<std::string> small_letter_words(const std::string& path) {
  std::istringstream lines(read_file(path));
  std::vector<std::string> words;
  for (std::string word; std::getline(lines, word);)
    if (!word.empty() &&
        std::all_of(word.begin(), word.end(), [](char c) { return c >= 'a' && c <= 'z'; }))
      words.push_back(word);
  return words;
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += word + "\n";
  return text;
}

}  // namespace

double Corpus::bits_per_byte(double loss) const {
  return rill::bits_per_byte(loss, static_cast<int64_t>(validation.size()), validation_bytes);
}

Corpus corpus_of_text(const std::string& path, const Options& options) {
  const std::string text = read_file(path);
  size_t cut = text.size() * 9 / 10;
  const auto is_within_character = [&](size_t at) { return (text[at] & 0xc0) == 0x80; };
  while (options.tokenizer == Tokens::chars && cut > 0 && is_within_character(cut)) --cut;
  return corpus_of(text.substr(0, cut), text.substr(cut), options);
}

Corpus corpus_of_words(const std::string& path, rill::Generator generator, const Options& options) {
  const std::vector<std::string> words = small_letter_words(path);
  std::vector<std::string> train;
  std::vector<std::string> validation;
  const std::vector<int64_t> order =
      rill::randperm(static_cast<int64_t>(words.size()), generator).to_vector<int64_t>();
  for (size_t i = 0; i < order.size(); ++i)
    (i < order.size() * 9 / 10 ? train : validation)
        .push_back(words[static_cast<size_t>(order[i])]);
  Corpus corpus = corpus_of(joined(train), joined(validation), options);
  corpus.words.insert(words.begin(), words.end());
  corpus.training_words.insert(train.begin(), train.end());
  return corpus;
}

void check_length(const Corpus& corpus, int64_t block_size) {
  const size_t shortest = std::min(corpus.train.size(), corpus.validation.size());
  if (shortest <= static_cast<size_t>(block_size))
    throw std::invalid_argument("the text is too short: it gives " +
                                std::to_string(corpus.train.size()) + " tokens for training and " +
                                std::to_string(corpus.validation.size()) +
                                " for validation, and a block of " + std::to_string(block_size) +
                                " needs " + std::to_string(block_size + 1) + " in each");
}

Corpus load_corpus(const Options& options, int64_t longest) {
  Corpus corpus = options.text.empty()
                      ? corpus_of_words(word_list, generator_for(Draws::words, options), options)
                      : corpus_of_text(options.text, options);
  check_length(corpus, longest);
  return corpus;
}

}  // namespace tiny_transformer
