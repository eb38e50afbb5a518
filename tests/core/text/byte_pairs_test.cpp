#include <gtest/gtest.h>

#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <random>
#include <regex>

#include <rill/core/text/detail/byte_pairs.h>
#include <rill/core/text/detail/words.h>
#include <rill/core/text/tokenizer.h>

#include "tests/support/expect.h"

namespace rill::testing {
namespace {

using Ids = std::vector<int64_t>;
using Pair = std::pair<int64_t, int64_t>;
using Words = std::vector<std::string>;

Words words_of(std::string_view text) {
  Words words;
  while (!text.empty()) words.emplace_back(detail::take_word(text));
  return words;
}

/// GPT-2's expression, for ASCII.
Words words_by_regex(const std::string& text) {
  static const std::regex word(
      "'s|'t|'re|'ve|'m|'ll|'d| ?[A-Za-z]+| ?[0-9]+| ?[^\\sA-Za-z0-9]+|\\s+(?!\\S)|\\s+");
  return {std::sregex_token_iterator(text.begin(), text.end(), word), std::sregex_token_iterator()};
}

std::vector<Pair> merges_of(const Tokenizer& tokenizer) {
  const Ids flat = nlohmann::json::parse(tokenizer.to_json())["merges"];
  std::vector<Pair> merges;
  for (size_t i = 0; i < flat.size(); i += 2) merges.emplace_back(flat[i], flat[i + 1]);
  return merges;
}

/// Replaces the pair wherever it stands, from the left.
Ids merged(const Ids& ids, const Pair& pair, int64_t token) {
  Ids out;
  for (size_t i = 0; i < ids.size(); ++i) {
    const bool stands_here = i + 1 < ids.size() && Pair(ids[i], ids[i + 1]) == pair;
    out.push_back(stands_here ? token : ids[i]);
    if (stands_here) ++i;
  }
  return out;
}

Ids bytes_of(const std::string& word) {
  Ids ids;
  for (const char c : word) ids.push_back(static_cast<unsigned char>(c));
  return ids;
}

/// By counting all pairs anew before each merge.
std::vector<Pair> naive_merges(const std::string& text, size_t most) {
  std::vector<Ids> words;
  for (const std::string& word : words_by_regex(text)) words.push_back(bytes_of(word));
  std::vector<Pair> merges;
  while (merges.size() < most) {
    std::map<Pair, int> counts;
    for (const Ids& word : words)
      for (size_t i = 1; i < word.size(); ++i) ++counts[{word[i - 1], word[i]}];
    std::pair<Pair, int> best{{}, 1};
    for (const auto& [pair, count] : counts)  // rising, so that the lower ids win
      if (count > best.second) best = {pair, count};
    if (best.second < 2) break;
    for (Ids& word : words)
      word = merged(word, best.first, 256 + static_cast<int64_t>(merges.size()));
    merges.push_back(best.first);
  }
  return merges;
}

/// Applies each merge to the whole word, one after the other.
Ids naive_ids(const std::string& text, const std::vector<Pair>& merges) {
  Ids ids;
  for (const std::string& word : words_by_regex(text)) {
    Ids tokens = bytes_of(word);
    for (size_t k = 0; k < merges.size(); ++k)
      tokens = merged(tokens, merges[k], 256 + static_cast<int64_t>(k));
    ids.insert(ids.end(), tokens.begin(), tokens.end());
  }
  return ids;
}

std::string random_text(std::mt19937& draw, const std::string& letters, size_t size) {
  std::string text(size, ' ');
  for (char& c : text) c = letters[draw() % letters.size()];
  return text;
}

TEST(Words, AreCutAsGpt2Does) {
  EXPECT_EQ(words_of("Hello world, it's 2026!\n"),
            (Words{"Hello", " world", ",", " it", "'s", " 2026", "!", "\n"}));
  EXPECT_EQ(words_of("a  b\n\n c\t"), (Words{"a", " ", " b", "\n\n", " c", "\t"}));
  EXPECT_EQ(words_of("we'll 'sup 'S"), (Words{"we", "'ll", " '", "sup", " '", "S"}));
}

TEST(Words, LettersOutsideAsciiBelongToTheWord) {
  EXPECT_EQ(words_of("schöne Grüße"), (Words{"schöne", " Grüße"}));
  EXPECT_EQ(words_of(" \xff\xc3!"), (Words{" \xff\xc3", "!"}));
}

TEST(Words, AreThoseOfTheRegularExpression) {
  std::mt19937 draw(2);
  for (int trial = 0; trial < 2000; ++trial) {
    const std::string text =
        random_text(draw, std::string("  \n\t\r\v\faZ09'''strevmld.,!") + '\0', 25);
    EXPECT_EQ(words_of(text), words_by_regex(text)) << text;
  }
}

TEST(BytePairs, TheMostFrequentPairIsLearnedFirst) {
  // ab stands there 4 times; then (ab)(ab) and (ab)c twice each, of which the lower ids win.
  const Tokenizer tokenizer = Tokenizer::byte_pairs("ababc ababc", 259);
  EXPECT_EQ(merges_of(tokenizer), (std::vector<Pair>{{'a', 'b'}, {256, 'c'}, {256, 257}}));
  EXPECT_EQ(tokenizer.kind(), "byte_pairs");
  EXPECT_EQ(tokenizer.vocab_size(), 259);
  EXPECT_EQ(tokenizer.encode("ababcab!"), (Ids{258, 256, '!'}));
  EXPECT_EQ(tokenizer.decode(258), "ababc");
}

TEST(BytePairs, AreThoseOfANaiveSearch) {
  std::mt19937 draw(3);
  for (const char* letters : {"ab", "aaab ", "abc  '\n", "the cat sat."})
    for (int trial = 0; trial < 60; ++trial) {
      const std::string text = random_text(draw, letters, 10 + draw() % 300);
      const Tokenizer tokenizer = Tokenizer::byte_pairs(text, 256 + 60);
      ASSERT_EQ(merges_of(tokenizer), naive_merges(text, 60)) << text;
    }
}

TEST(BytePairs, EncodeByTheOrderInWhichTheyWereLearned) {
  std::mt19937 draw(4);
  for (const char* letters : {"ab", "aaab ", "abc  '\n", "the cat sat."}) {
    const Tokenizer tokenizer = Tokenizer::byte_pairs(random_text(draw, letters, 500), 256 + 80);
    for (int trial = 0; trial < 60; ++trial) {
      const std::string text = random_text(draw, letters, draw() % 200);
      ASSERT_EQ(tokenizer.encode(text), naive_ids(text, merges_of(tokenizer))) << text;
    }
  }
}

TEST(BytePairs, OfTwoThatOverlapTheFirstLearnedOrTheLeftmostIsMerged) {
  const Tokenizer tokenizer =
      Tokenizer::from_json(R"({"kind":"byte_pairs","merges":[98,99,97,98,97,97]})");
  EXPECT_EQ(tokenizer.encode("abc"), (Ids{'a', 256}));  // bc before ab, though ab stands first
  EXPECT_EQ(tokenizer.encode("aaa"), (Ids{258, 'a'}));
  EXPECT_EQ(tokenizer.encode("a b"), (Ids{'a', ' ', 'b'}));
}

TEST(BytePairs, AnyBytesMakeTheRoundTrip) {
  std::mt19937 draw(5);
  for (int trial = 0; trial < 200; ++trial) {
    std::string text(draw() % 500, '\0'), other(draw() % 500, '\0');
    for (char& c : text) c = static_cast<char>(draw());
    for (char& c : other) c = static_cast<char>(draw() % 3 == 0 ? draw() : 'a' + draw() % 2);
    const Tokenizer tokenizer = Tokenizer::byte_pairs(other, 400);
    EXPECT_EQ(tokenizer.decode(tokenizer.encode(text)), text);
    EXPECT_EQ(tokenizer.decode(tokenizer.encode(other)), other);
  }
}

TEST(BytePairs, ATextWithFewPairsGivesASmallerVocabulary) {
  EXPECT_EQ(Tokenizer::byte_pairs("abc", 1000).vocab_size(), 256);      // none stands there twice
  EXPECT_EQ(Tokenizer::byte_pairs("abc abc", 1000).vocab_size(), 258);  // ab, abc
}

TEST(BytePairs, ASizeOutOfRangeIsNamed) {
  expect_error<ValueError>([] { Tokenizer::byte_pairs("ab", 255); }, {"256", "found 255"});
  expect_error<ValueError>([] { Tokenizer::byte_pairs("ab", -1); }, {"found -1"});
  expect_error<ValueError>([] { Tokenizer::byte_pairs("ab", 1 << 21); }, {"1048576", "2097152"});
}

TEST(BytePairs, NoTokenIsLongerThan65536Bytes) {
  const Tokenizer tokenizer = Tokenizer::byte_pairs(std::string(300000, 'a'), 1000);
  EXPECT_EQ(tokenizer.decode(tokenizer.vocab_size() - 1).size(), 65536u);
}

// A way that is quadratic in the length of a word takes minutes for each of these.
TEST(BytePairs, AWordWhosePlacesHaveNoNumbersIsRefused) {
  detail::TokenChain chain;
  const std::string_view word("", std::numeric_limits<uint32_t>::max());  // refused unread
  expect_error<ValueError>([&] { chain.add_word(word); }, {"4 GiB", "4294967295 bytes"});
  EXPECT_EQ(chain.size(), 0U);
}

TEST(BytePairs, AWordOfManyBytesTakesAboutAsLongAsManyWords) {
  std::mt19937 draw(6);
  std::string ab;
  while (ab.size() < 300'000) ab += "ab";
  for (const std::string& text : {std::string(300'000, 'a'), std::string(300'000, ' '), ab,
                                  random_text(draw, "abcd", 300'000)}) {
    const Tokenizer tokenizer = Tokenizer::byte_pairs(text, 1024);
    const Ids ids = tokenizer.encode(text);
    EXPECT_LT(ids.size(), 90'000u);
    EXPECT_TRUE(tokenizer.decode(ids) == text);
  }
}

}  // namespace
}  // namespace rill::testing
