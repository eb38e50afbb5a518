#include "text.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <sstream>
#include <stdexcept>

namespace masked_words {
namespace {

bool is_mark(char c) { return std::string(".,;:?!()").find(c) != std::string::npos; }

bool is_letter(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return std::isalnum(byte) || c == '\'' || byte >= 128;  // bytes of UTF-8 belong to words
}

bool ends_sentence(char c) { return c == '.' || c == '?' || c == '!'; }

bool is_space(char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; }

/// The text with LF at the end of each line, where it has CRLF or CR.
std::string with_line_feeds(const std::string& text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i)
    if (text[i] != '\r')
      out += text[i];
    else if (i + 1 == text.size() || text[i + 1] != '\n')
      out += '\n';
  return out;
}

/// What `command` prints.
std::string output_of(const std::string& command) {
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), pclose);
  std::string text;
  std::array<char, 65536> part;
  while (pipe) {
    const size_t read = fread(part.data(), 1, part.size(), pipe.get());
    if (read == 0) break;
    text.append(part.data(), read);
  }
  return text;
}

/// The words, and [MASK], which is set apart before they are: its brackets and capitals are not a
/// word's.
std::vector<std::string> words_and_holes_of(const std::string& sentence) {
  static const std::string hole = "[MASK]";
  std::vector<std::string> result;
  for (size_t at = 0; at <= sentence.size();) {
    const size_t next = std::min(sentence.find(hole, at), sentence.size());
    for (const std::string& word : words_of(sentence.substr(at, next - at))) result.push_back(word);
    if (next < sentence.size()) result.push_back(hole);
    at = next + hole.size();
  }
  return result;
}

/// Ties in alphabetical order.
std::vector<std::string> most_frequent_words(const std::vector<std::string>& sentences,
                                             int64_t most) {
  std::map<std::string, int64_t> counts;
  for (const std::string& sentence : sentences)
    for (const std::string& word : words_of(sentence)) ++counts[word];
  std::vector<std::pair<int64_t, std::string>> ranked;
  for (const auto& [word, count] : counts) ranked.emplace_back(-count, word);
  std::sort(ranked.begin(), ranked.end());
  std::vector<std::string> words;
  for (const auto& [count, word] : ranked)
    if (static_cast<int64_t>(words.size()) < most) words.push_back(word);
  return words;
}

}  // namespace

std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> words;
  std::string word;
  const auto finish = [&] {
    if (!word.empty()) words.push_back(word);
    word.clear();
  };
  for (const char c : text) {
    if (is_letter(c)) {
      word += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
      continue;
    }
    finish();
    if (is_mark(c)) words.emplace_back(1, c);
  }
  finish();
  return words;
}

std::vector<std::string> bible_verses() {
  std::istringstream lines(output_of("bible -f ge1:1-rev22:21 2>/dev/null"));
  std::vector<std::string> verses;
  for (std::string line; std::getline(lines, line);) {
    const size_t space = line.find(' ');  // after "Ge1:1"
    if (space != std::string::npos) verses.push_back(line.substr(space + 1));
  }
  if (verses.size() < 1000)
    throw std::invalid_argument(
        "the program `bible` printed no text: install Debian's packages bible-kjv and "
        "bible-kjv-text, or give --text FILE");
  return verses;
}

std::vector<std::string> sentences_of(const std::string& text) {
  std::vector<std::string> sentences;
  std::string sentence;
  const auto finish = [&] {
    if (!words_of(sentence).empty()) sentences.push_back(sentence);
    sentence.clear();
  };
  std::istringstream lines(with_line_feeds(text));
  for (std::string line; std::getline(lines, line);) {
    if (std::ranges::all_of(line, is_space)) finish();
    line += '\n';
    for (size_t i = 0; i + 1 < line.size(); ++i) {
      sentence += line[i];
      if (ends_sentence(line[i]) && is_space(line[i + 1])) finish();
    }
    sentence += '\n';
  }
  finish();
  return sentences;
}

std::vector<std::string> sentences_of_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (!file.is_open() || file.bad()) throw std::invalid_argument("cannot read " + path);
  return sentences_of(text);
}

Vocabulary::Vocabulary(const std::vector<std::string>& words)
    : words_{"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"} {
  words_.insert(words_.end(), words.begin(), words.end());
  for (size_t i = 0; i < words_.size(); ++i) ids_[words_[i]] = static_cast<int64_t>(i);
}

Vocabulary::Vocabulary(const std::vector<std::string>& sentences, int64_t size)
    : Vocabulary(most_frequent_words(sentences, size - special_count)) {}

int64_t Vocabulary::id(const std::string& word) const {
  const auto found = ids_.find(word);
  return found == ids_.end() ? unknown : found->second;
}

std::vector<int64_t> Vocabulary::ids(const std::string& sentence) const {
  std::vector<int64_t> result;
  for (const std::string& word : words_and_holes_of(sentence)) result.push_back(id(word));
  return result;
}

std::vector<std::string> Vocabulary::unknown_words(const std::string& sentence) const {
  std::vector<std::string> words = words_and_holes_of(sentence);
  std::erase_if(words, [&](const std::string& word) { return id(word) != unknown; });
  return words;
}

}  // namespace masked_words
