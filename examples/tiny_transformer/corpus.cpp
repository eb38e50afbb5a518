#include "corpus.h"

#include <rill/core/random.h>
#include <rill/core/tensor.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>
#include <stdexcept>

namespace tiny_transformer {
namespace {

constexpr const char* word_list = "/usr/share/dict/words";

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (!file.is_open() || file.bad()) throw std::invalid_argument("cannot read " + path);
  return text;
}

Corpus corpus_of(const std::string& train, const std::string& validation) {
  Corpus corpus;
  std::set<unsigned char> bytes(train.begin(), train.end());
  bytes.insert(validation.begin(), validation.end());
  corpus.vocabulary.assign(bytes.begin(), bytes.end());
  corpus.train = corpus.encode(train);
  corpus.validation = corpus.encode(validation);
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

std::vector<int64_t> Corpus::encode(const std::string& text) const {
  std::vector<int64_t> ids;
  ids.reserve(text.size());
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const auto found = std::lower_bound(vocabulary.begin(), vocabulary.end(), byte);
    if (found == vocabulary.end() || *found != byte)
      throw std::invalid_argument("the text that it learned from has no byte " +
                                  std::to_string(byte) + " ('" + std::string(1, c) + "')");
    ids.push_back(found - vocabulary.begin());
  }
  return ids;
}

std::string Corpus::decode(const std::vector<int64_t>& ids) const {
  std::string text;
  for (const int64_t id : ids) text += static_cast<char>(vocabulary.at(static_cast<size_t>(id)));
  return text;
}

Corpus corpus_of_text(const std::string& path) {
  const std::string text = read_file(path);
  const size_t cut = text.size() * 9 / 10;
  return corpus_of(text.substr(0, cut), text.substr(cut));
}

Corpus corpus_of_words(const std::string& path, rill::Generator generator) {
  const std::vector<std::string> words = small_letter_words(path);
  std::vector<std::string> train;
  std::vector<std::string> validation;
  const std::vector<int64_t> order =
      rill::randperm(static_cast<int64_t>(words.size()), generator).to_vector<int64_t>();
  for (size_t i = 0; i < order.size(); ++i)
    (i < order.size() * 9 / 10 ? train : validation)
        .push_back(words[static_cast<size_t>(order[i])]);
  Corpus corpus = corpus_of(joined(train), joined(validation));
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
                      ? corpus_of_words(word_list, generator_for(Draws::words, options))
                      : corpus_of_text(options.text);
  check_length(corpus, longest);
  return corpus;
}

}  // namespace tiny_transformer
