#include <gtest/gtest.h>

#include <random>

#include <rill/core/text/tokenizer.h>

#include "tests/support/expect.h"

namespace rill::testing {
namespace {

using Ids = std::vector<int64_t>;

TEST(ByteTokens, IdsRiseWithTheBytesThatOccur) {
  const Tokenizer tokenizer = Tokenizer::bytes("cab\xff");
  EXPECT_EQ(tokenizer.kind(), "bytes");
  EXPECT_EQ(tokenizer.vocab_size(), 4);
  EXPECT_EQ(tokenizer.encode("abc\xff"), (Ids{0, 1, 2, 3}));
  EXPECT_EQ(tokenizer.decode({3, 0}),
            "\xff"
            "a");
  EXPECT_EQ(tokenizer.decode(2), "c");
}

TEST(ByteTokens, AnyBytesMakeTheRoundTrip) {
  const std::string text("a\0b\r\n\xff\xc3\xa4", 8);
  const Tokenizer tokenizer = Tokenizer::bytes(text);
  EXPECT_EQ(tokenizer.decode(tokenizer.encode(text)), text);
}

TEST(ByteTokens, OfNoTextAreAllBytesEachItsOwnId) {
  const Tokenizer tokenizer = Tokenizer::bytes();
  EXPECT_EQ(tokenizer.vocab_size(), 256);
  EXPECT_EQ(tokenizer.encode(std::string("\0A\xff", 3)), (Ids{0, 65, 255}));
}

TEST(ByteTokens, RefuseAByteThatTheVocabularyLacksAndSayWhere) {
  const Tokenizer tokenizer = Tokenizer::bytes("abc");
  expect_error<ValueError>([&] { tokenizer.encode("abz"); },
                           {"byte 122 ('z')", "offset 2", "3 bytes"});
  expect_error<ValueError>([&] { tokenizer.encode("\n"); }, {"byte 10 at offset 0"});
}

TEST(CharacterTokens, IdsRiseWithTheCodePointsThatOccur) {
  const Tokenizer tokenizer = Tokenizer::characters("b€é😀aé");
  EXPECT_EQ(tokenizer.kind(), "characters");
  EXPECT_EQ(tokenizer.vocab_size(), 5);
  EXPECT_EQ(tokenizer.encode("abé€😀"), (Ids{0, 1, 2, 3, 4}));
  EXPECT_EQ(tokenizer.decode({4, 3, 2, 1, 0}), "😀€éba");
}

TEST(CharacterTokens, LimitsOfUtf8AreCharacters) {
  // The first and the last character of each length, and those around the surrogates.
  const std::string text = "\x7f\u0080\u07ff\u0800\ud7ff\ue000\uffff\U00010000\U0010ffff";
  const Tokenizer tokenizer = Tokenizer::characters(text);
  EXPECT_EQ(tokenizer.encode(text), (Ids{0, 1, 2, 3, 4, 5, 6, 7, 8}));
  EXPECT_EQ(tokenizer.decode(tokenizer.encode(text)), text);
}

TEST(CharacterTokens, BytesThatAreNoUtf8AreTokensBehindTheCharacters) {
  const struct {
    const char* what;
    std::string text;
    int64_t loose;  // different bytes that belong to no character
  } cases[] = {{"overlong", "a\xc0\xaf", 2},      {"overlong of 3", "a\xe0\x80\x80", 2},
               {"surrogate", "a\xed\xa0\x80", 3}, {"above U+10FFFF", "a\xf4\x90\x80\x80", 3},
               {"cut off", "a\xe2\x82", 2},       {"no beginning", "a\xbf", 1},
               {"never in UTF-8", "a\xff\xfe", 2}};
  for (const auto& [what, text, loose] : cases) {
    const Tokenizer tokenizer = Tokenizer::characters(text);
    EXPECT_EQ(tokenizer.vocab_size(), 1 + loose) << what;
    EXPECT_EQ(tokenizer.encode(text).front(), 0) << what;
    EXPECT_EQ(tokenizer.encode(text).size(), text.size()) << what;
    EXPECT_EQ(tokenizer.decode(tokenizer.encode(text)), text) << what;
  }
}

TEST(CharacterTokens, RefuseWhatTheVocabularyLacksReadablyAndSayWhere) {
  const Tokenizer tokenizer = Tokenizer::characters("aü€");
  expect_error<ValueError>([&] { tokenizer.encode("ü€é"); },
                           {"'é' (U+00E9)", "character 2", "offset 5", "3 characters"});
  expect_error<ValueError>([&] { tokenizer.encode("a😀"); }, {"'😀' (U+1F600)", "character 1"});
  expect_error<ValueError>([&] { tokenizer.encode("a\n"); }, {"cannot encode U+000A at"});
  expect_error<ValueError>([&] { tokenizer.encode("ü\xff"); },
                           {"byte 255, which is no UTF-8", "character 1", "offset 2"});
}

TEST(Tokenizer, DecodeRefusesAnIdOutsideTheVocabulary) {
  for (const Tokenizer& tokenizer :
       {Tokenizer::bytes("ab"), Tokenizer::characters("ab"), Tokenizer::byte_pairs("", 256)}) {
    const int64_t size = tokenizer.vocab_size();
    expect_error<IndexError>(
        [&] {
          tokenizer.decode({0, size});
        },
        {"token " + std::to_string(size), std::to_string(size)});
    expect_error<IndexError>([&] { tokenizer.decode(-1); }, {"token -1"});
  }
}

TEST(Tokenizer, AnEmptyTextHasNoTokensButTheBytesOfBytePairs) {
  EXPECT_EQ(Tokenizer::bytes("").vocab_size(), 0);
  EXPECT_EQ(Tokenizer::characters("").vocab_size(), 0);
  EXPECT_EQ(Tokenizer::byte_pairs("", 300).vocab_size(), 256);
  EXPECT_EQ(Tokenizer::bytes("a").encode(""), Ids{});
  EXPECT_EQ(Tokenizer::byte_pairs("", 300).decode(Ids{}), "");
}

TEST(Tokenizer, IsEqualToOneThatEncodesAlike) {
  EXPECT_EQ(Tokenizer::bytes("ab"), Tokenizer::bytes("baab"));
  EXPECT_NE(Tokenizer::bytes("ab"), Tokenizer::bytes("abc"));
  EXPECT_NE(Tokenizer::bytes("ab"), Tokenizer::characters("ab"));
  EXPECT_EQ(Tokenizer::byte_pairs("abab", 257), Tokenizer::byte_pairs("ab ab", 257));
  EXPECT_NE(Tokenizer::byte_pairs("abab", 257), Tokenizer::byte_pairs("cdcd", 257));
}

TEST(Tokenizer, IsOfUseAfterItWasMovedFrom) {
  Tokenizer first = Tokenizer::bytes("ab");
  const Tokenizer second = std::move(first);
  EXPECT_EQ(first, second);
}

TEST(Tokenizer, EncodesAnyBytesToWhatDecodesToThemOrNamesThePlace) {
  const std::string text = "The cat—ça va?\n\xff\xc3";
  const Tokenizer tokenizers[] = {Tokenizer::bytes(text), Tokenizer::characters(text),
                                  Tokenizer::byte_pairs(text + text, 300)};
  std::mt19937 draw(1);
  int encoded = 0, refused = 0;
  for (int trial = 0; trial < 10000; ++trial) {
    std::string prompt(draw() % 12, '\0');
    // Mostly bytes of the text, so that both outcomes are frequent.
    for (char& c : prompt)
      c = draw() % 8 == 0 ? static_cast<char>(draw()) : text[draw() % text.size()];
    for (const Tokenizer& tokenizer : tokenizers) try {
        EXPECT_EQ(tokenizer.decode(tokenizer.encode(prompt)), prompt) << tokenizer.kind();
        ++encoded;
      } catch (const ValueError& error) {
        const std::string message = error.what();
        const size_t at = message.find("offset ");
        ASSERT_NE(at, std::string::npos) << message;
        const size_t offset = std::stoul(message.substr(at + 7));
        ASSERT_LT(offset, prompt.size()) << message;
        // All before it can be encoded, it cannot.
        EXPECT_EQ(tokenizer.decode(tokenizer.encode(prompt.substr(0, offset))),
                  prompt.substr(0, offset));
        EXPECT_NE(tokenizer.kind(), "byte_pairs");
        ++refused;
      }
  }
  EXPECT_GT(encoded, 15000);
  EXPECT_GT(refused, 3000);
}

TEST(Tokenizer, OfJsonEndsWhereTheJsonDoes) {
  const std::string json = Tokenizer::bytes("ab").to_json();
  EXPECT_EQ(Tokenizer::from_json(json + " \n"), Tokenizer::bytes("ab"));
  expect_error<ValueError>([&] { Tokenizer::from_json(json + std::string(1, '\0') + "more"); },
                           {"byte " + std::to_string(json.size()), "NUL"});
}

TEST(BitsPerByte, AreNatsATokenByTheLengthOfTokens) {
  EXPECT_NEAR(bits_per_byte(0.6931471805599453, 10, 10), 1, 1e-15);
  EXPECT_NEAR(bits_per_byte(2.0794415416798357, 100, 300), 1, 1e-15);  // ln 8 for three bytes
}

TEST(BitsPerByte, WantTokensAndBytes) {
  expect_error<ValueError>([] { bits_per_byte(1, 0, 5); }, {"found 0 and 5"});
  expect_error<ValueError>([] { bits_per_byte(1, 5, 0); }, {"found 5 and 0"});
}

}  // namespace
}  // namespace rill::testing
