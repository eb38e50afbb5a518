#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

namespace masked_words {

/// Ids of what is not a word.
enum Special : int64_t { padding, unknown, start, separator, mask, special_count };

/// Words in small letters, each of . , ; : ? ! ( ) a word of its own; what else is no letter,
/// apostrophe or digit parts words.
std::vector<std::string> words_of(const std::string& text);

/// The verses of the King James Bible, as Debian's program `bible` prints them. Throws
/// std::invalid_argument where it is missing.
std::vector<std::string> bible_verses();

/// They end with . ? or ! and white space, or with a line that is empty but for blanks. Lines end
/// with LF, CRLF or CR.
std::vector<std::string> sentences_of(const std::string& text);

/// The sentences of a file. Throws std::invalid_argument where it cannot be read.
std::vector<std::string> sentences_of_file(const std::string& path);

/// The most frequent words, and a number for each.
class Vocabulary {
 public:
  /// The `size` − special_count most frequent words of the sentences; ties in alphabetical order.
  Vocabulary(const std::vector<std::string>& sentences, int64_t size);
  /// These words, numbered from special_count on.
  explicit Vocabulary(const std::vector<std::string>& words);

  int64_t size() const { return static_cast<int64_t>(words_.size()); }
  /// `unknown` for a word that is not among them; [MASK] is `mask`.
  int64_t id(const std::string& word) const;
  const std::string& word(int64_t id) const { return words_.at(static_cast<size_t>(id)); }
  std::vector<int64_t> ids(const std::string& sentence) const;
  /// The words of the sentence for which `unknown` stands.
  std::vector<std::string> unknown_words(const std::string& sentence) const;

 private:
  std::vector<std::string> words_;
  std::unordered_map<std::string, int64_t> ids_;
};

}  // namespace masked_words
