#include <rill/nn/generate_text.h>

#include <gtest/gtest.h>

#include <rill/core/ops.h>
#include <rill/nn/generate.h>

#include "tests/support/expect.h"

namespace rill::nn {
namespace {

using testing::expect_error;

Tokenizer all_bytes() {
  std::string bytes;
  for (int byte = 0; byte < 256; ++byte) bytes += static_cast<char>(byte);
  return Tokenizer::bytes(bytes);
}

LanguageModel tiny(const Tokenizer& tokenizer, int64_t block_size = 8, double dropout = 0) {
  manual_seed(5);
  return LanguageModel({.vocab_size = tokenizer.vocab_size(),
                        .block_size = block_size,
                        .n_layer = 1,
                        .n_head = 1,
                        .n_embd = 8,
                        .dropout = dropout});
}

/// `length` random bytes of `alphabet`, all 256 where it is empty.
std::string random_text(int64_t length, const std::string& alphabet, Generator& generator) {
  const auto letters = alphabet.empty() ? 256 : static_cast<int64_t>(alphabet.size());
  std::string text;
  for (const int64_t i : randint(0, letters, {length}, generator).to_vector<int64_t>())
    text += alphabet.empty() ? static_cast<char>(i) : alphabet[static_cast<size_t>(i)];
  return text;
}

TEST(GenerateText, IsThePromptWithTheTokensThatGenerateGives) {
  const Tokenizer tokenizer = all_bytes();
  const LanguageModel model = tiny(tokenizer, 8, 0.5);
  Generator generator(3), same(3);
  const std::string text = generate_text(
      model, tokenizer, "To be",
      {.max_new_tokens = 20, .temperature = 0.7, .top_k = 40, .generator = &generator});
  model.eval();
  const Tensor ids = generate(model, from_vector(tokenizer.encode("To be")), 20,
                              {.temperature = 0.7, .top_k = 40, .generator = &same});
  EXPECT_EQ(text, tokenizer.decode(ids.to_vector<int64_t>()));
  EXPECT_EQ(text.size(), 25u);
}

TEST(GenerateText, LeavesTheModelInItsMode) {
  const Tokenizer tokenizer = all_bytes();
  const LanguageModel model = tiny(tokenizer);
  (void)generate_text(model, tokenizer, "a", {.max_new_tokens = 1});
  EXPECT_TRUE(model.is_training());
}

TEST(GenerateText, TellsEachPieceAsItComesAndEndsWhereItIsTold) {
  const Tokenizer tokenizer = all_bytes();
  const LanguageModel model = tiny(tokenizer);
  std::vector<std::string> pieces;
  const std::string text =
      generate_text(model, tokenizer, "ab", {.max_new_tokens = 9, .on_text = [&](auto piece) {
                                               pieces.emplace_back(piece);
                                               return pieces.size() < 4;
                                             }});
  ASSERT_EQ(pieces.size(), 4u);
  EXPECT_EQ(text, "ab" + pieces[0] + pieces[1] + pieces[2] + pieces[3]);
}

TEST(GenerateText, RefusesAnEmptyPromptAndWhatTheTokenizerLacks) {
  const Tokenizer tokenizer = Tokenizer::characters("abc");
  const LanguageModel model = tiny(tokenizer);
  expect_error<ValueError>([&] { (void)generate_text(model, tokenizer, ""); }, {"empty"});
  expect_error<ValueError>([&] { (void)generate_text(model, tokenizer, "abxc"); }, {"'x'"});
}

/// Each prompt is continued as it is, or refused.
void expect_kept_or_refused(const Tokenizer& tokenizer, const std::string& alphabet,
                            int64_t refused_at_least, int64_t refused_at_most) {
  const LanguageModel model = tiny(tokenizer, 16);
  Generator generator(7);
  int64_t refused = 0;
  for (int64_t i = 0; i < 2500; ++i) {
    const std::string prompt = random_text(1 + i % 24, alphabet, generator);
    try {
      const std::string text =
          generate_text(model, tokenizer, prompt, {.max_new_tokens = 1, .generator = &generator});
      ASSERT_EQ(text.substr(0, prompt.size()), prompt);
      ASSERT_GT(text.size(), prompt.size());
    } catch (const ValueError&) {
      ++refused;
    }
  }
  EXPECT_GE(refused, refused_at_least);
  EXPECT_LE(refused, refused_at_most);
}

TEST(GenerateText, TenThousandRandomPromptsAreContinuedAsTheyAreOrRefused) {
  const std::string text = "abcdefghijklmnop\xc3\xa9\xe2\x82\xac \n\xff";
  expect_kept_or_refused(all_bytes(), "", 0, 0);
  expect_kept_or_refused(Tokenizer::byte_pairs("the cat and the hat and the mat", 270), "", 0, 0);
  expect_kept_or_refused(Tokenizer::characters(text), text, 1, 2499);
  expect_kept_or_refused(Tokenizer::bytes(text), "", 1, 2499);
}

}  // namespace
}  // namespace rill::nn
