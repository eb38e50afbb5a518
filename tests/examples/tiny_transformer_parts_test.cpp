#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <sstream>

#include "examples/tiny_transformer/baseline.h"
#include "examples/tiny_transformer/corpus.h"
#include "examples/tiny_transformer/metrics.h"
#include "examples/tiny_transformer/samples.h"
#include "examples/tiny_transformer/training.h"
#include "run_program.h"

// The parts of tiny_transformer, without the program; that is in tiny_transformer_test.cpp.

namespace tiny_transformer {
namespace {

using rill::testing::temporary_folder;
using rill::testing::write_file;

/// The corpus of a file with this text.
Corpus corpus_with(const std::string& text, const Options& options = {}) {
  const std::string path = temporary_folder() + "/text";
  write_file(path, text);
  return corpus_of_text(path, options);
}

std::string text_of(const Corpus& corpus) {
  return corpus.tokenizer.decode(corpus.train) + corpus.tokenizer.decode(corpus.validation);
}

TEST(Corpus, AnyBytesMakeTheRoundTrip) {
  std::string text;
  for (int i = 0; i < 5; ++i) text += std::string("a\0b\r\n\xff\xc3\xa4", 8);
  const Corpus corpus = corpus_with(text);
  EXPECT_EQ(text_of(corpus), text);
  EXPECT_EQ(corpus.train.size(), 36u);
  EXPECT_EQ(corpus.validation_bytes, 4);
  for (const Tokens tokens : {Tokens::chars, Tokens::bpe}) {
    Options options;
    options.tokenizer = tokens;
    EXPECT_EQ(text_of(corpus_with(text, options)), text);
  }
}

TEST(Corpus, TheCutPartsNoCharacter) {
  Options options;
  options.tokenizer = Tokens::chars;
  const Corpus corpus = corpus_with("aa€€€€", options);  // 90 % of 14 bytes end in the last €
  EXPECT_EQ(corpus.vocab_size(), 2);
  EXPECT_EQ(corpus.train, (std::vector<int64_t>{0, 0, 1, 1, 1}));
  EXPECT_EQ(corpus.validation, (std::vector<int64_t>{1}));
  EXPECT_EQ(corpus.validation_bytes, 3);
}

TEST(Corpus, PairsAreLearnedFromTheTrainingPartAlone) {
  Options options;
  options.tokenizer = Tokens::bpe;
  options.vocab_size = 300;
  const std::string text = "abc" + std::string(15, '.') + "xy";  // xy is the validation part
  EXPECT_EQ(corpus_with(text + text, options).tokenizer,
            rill::Tokenizer::byte_pairs((text + text).substr(0, 36), 300));
}

TEST(Corpus, BitsAByteAreThoseOfTheValidationPart) {
  Options options;
  options.tokenizer = Tokens::chars;
  const Corpus corpus = corpus_with("aa€€€€", options);  // one character of three bytes
  EXPECT_NEAR(corpus.bits_per_byte(3 * std::log(2)), 1, 1e-12);
}

TEST(Corpus, SamplesBeginWithALineFeedOrTheFirstToken) {
  EXPECT_EQ(corpus_with("ab\nab\nab\nab\nab").beginning, "\n");
  EXPECT_EQ(corpus_with("abababababab").beginning, "a");
  Options options;
  options.tokenizer = Tokens::bpe;
  EXPECT_EQ(corpus_with("ab ab ab ab ab ab", options).beginning, "ab");
}

TEST(Corpus, RefusesALetterItHasNotSeen) {
  Options options;
  options.prompt = "abz";
  try {
    sampling_of(corpus_with("abcabcabcabc"), options);
    FAIL();
  } catch (const std::invalid_argument& error) {
    EXPECT_NE(std::string(error.what()).find("'z'"), std::string::npos);
    EXPECT_NE(std::string(error.what()).find("--prompt"), std::string::npos);
  }
}

TEST(Corpus, WordsAreSplitWithoutOverlap) {
  const std::string path = temporary_folder() + "/words";
  std::string list = "Alice\nit's\n";
  for (char a = 'a'; a <= 'z'; ++a)
    for (char b = 'a'; b <= 'z'; ++b) list += std::string{a, b} + "\n";
  write_file(path, list);
  const Corpus corpus = corpus_of_words(path, rill::Generator(1));
  EXPECT_EQ(corpus.words.size(), 676u);
  EXPECT_EQ(corpus.training_words.size(), 608u);
  EXPECT_EQ(corpus.vocab_size(), 27);
  std::istringstream held_out(corpus.tokenizer.decode(corpus.validation));
  for (std::string word; held_out >> word;) EXPECT_FALSE(corpus.training_words.contains(word));
}

TEST(Corpus, TooShortATextNamesBothLengths) {
  try {
    check_length(corpus_with("abcdefghij"), 64);
    FAIL();
  } catch (const std::invalid_argument& error) {
    const std::string message = error.what();
    EXPECT_NE(message.find("9 tokens"), std::string::npos) << message;
    EXPECT_NE(message.find("64"), std::string::npos) << message;
  }
}

TEST(Baselines, AreTheCountsOfTheTrainingPart) {
  // Trained on a b a b a: of the 5 tokens 3 are a; after a came b twice, after b came a twice.
  const Baselines b = baselines({0, 1, 0, 1, 0}, {0, 1, 1}, 2);
  EXPECT_NEAR(b.uniform, std::log(2), 1e-12);
  EXPECT_NEAR(b.unigram, -std::log(3.0 / 7), 1e-12);                           // b, b
  EXPECT_NEAR(b.bigram, -(std::log(3.0 / 4) + std::log(1.0 / 4)) / 2, 1e-12);  // a→b, b→b
}

TEST(Baselines, OfALargeVocabularyNeedNoTableOfAllPairs) {
  const int64_t size = 1 << 20;
  const Baselines b = baselines({0, size - 1, 0, size - 1}, {0, size - 1}, size);
  EXPECT_NEAR(b.bigram, -std::log(3.0 / (size + 2)), 1e-12);
}

TEST(WordShares, CountEachWordOnce) {
  Corpus corpus;
  corpus.words = {"cat", "dog"};
  corpus.training_words = {"cat"};
  const WordShares shares = word_shares(corpus, {"cat", "cat", "dog", "blorp"});
  EXPECT_EQ(shares.training, 0.5);
  EXPECT_EQ(shares.held_out, 0.25);
  EXPECT_EQ(shares.invented, 0.25);
}

TEST(Metrics, NumbersReadBackAsTheSameBits) {
  for (const double value : {1.8812345678901234, 1e-300, 0.1, 2.0 / 3})
    EXPECT_EQ(std::stod(exact(value)), value);
}

TEST(WholeLoss, IsTheMeanOverNonOverlappingBlocks) {
  rill::manual_seed(1);
  const rill::nn::LanguageModel model(
      {.vocab_size = 5, .block_size = 4, .n_layer = 1, .n_head = 1, .n_embd = 8});
  std::vector<int64_t> tokens;
  for (int64_t i = 0; i < 14; ++i) tokens.push_back(i * i % 5);
  double expected = 0;
  for (int64_t start = 0; start < 12; start += 4) {
    const Batch block = blocks_at(tokens, {start}, 4);
    expected += model.loss(block.ids, block.targets).item() / 3;
  }
  EXPECT_NEAR(whole_loss(model, tokens), expected, 1e-6);
  double pairs = 0;
  for (int64_t start = 0; start < 12; start += 2) {
    const Batch block = blocks_at(tokens, {start}, 2);
    pairs += model.loss(block.ids, block.targets).item() / 6;
  }
  EXPECT_NEAR(whole_loss(model, tokens, 2), pairs, 1e-6);
}

TEST(Train, LeavesTheWeightsAsTheyWereBeforeTheStepThatExplodes) {
  const std::string folder = temporary_folder();
  std::string text;
  for (int i = 0; i < 200; ++i) text += "the cat sat. ";
  write_file(folder + "/text", text);
  const Corpus corpus = corpus_of_text(folder + "/text");
  Options options;
  options.batch_size = 2;
  options.block_size = options.n_embd = 8;
  options.n_layer = options.n_head = options.eval_iters = 1;
  options.learning_rate = options.min_lr = 1e30;
  options.grad_clip = 0;
  const auto weights_after = [&](int64_t steps, std::string& refusal) {
    options.max_iters = steps;
    rill::manual_seed(1);
    const rill::nn::LanguageModel model({.vocab_size = corpus.vocab_size(),
                                         .block_size = options.block_size,
                                         .n_layer = options.n_layer,
                                         .n_head = options.n_head,
                                         .n_embd = options.n_embd});
    MetricsFile metrics(folder + "/metrics.csv");
    rill::World world;
    try {
      train(model, corpus, options, metrics, world);
    } catch (const std::runtime_error& error) {
      refusal = error.what();
    }
    std::vector<double> weights;
    for (const rill::Tensor& parameter : model.parameters())
      for (const double weight : parameter.to_vector()) weights.push_back(weight);
    return weights;
  };
  std::string refusal, none;
  const std::vector<double> found = weights_after(50, refusal);
  ASSERT_EQ(refusal.rfind("step ", 0), 0u) << refusal;
  const int64_t step = std::stoll(refusal.substr(5));
  EXPECT_GT(step, 0);
  EXPECT_EQ(found, weights_after(step, none));
}

TEST(StepLog, HoldsEveryStepUntilTheyAreManyThenMeansOfAsManyEach) {
  StepLog log;
  for (int64_t step = 0; step < 1024; ++step) log.add(step, double(step), 0.5, 2);
  ASSERT_EQ(log.points().size(), 1024u);
  EXPECT_EQ(log.points()[7].step, 7);
  EXPECT_EQ(log.points()[7].loss, 7);
  for (int64_t step = 1024; step < 3000; ++step) log.add(step, double(step), 0.5, 2);
  ASSERT_EQ(log.points().size(), 750u);
  EXPECT_EQ(log.points()[1].step, 4);
  EXPECT_EQ(log.points()[1].count, 4);
  EXPECT_EQ(log.points()[1].loss, (4 + 5 + 6 + 7) / 4.0);
  EXPECT_EQ(log.points()[1].lr, 0.5);
}

TEST(StepLog, GoesOnAsIfItHadNotStopped) {
  StepLog one, two;
  for (int64_t step = 0; step < 1501; ++step) one.add(step, double(step), 1, 1);
  two.load_state(one.state());
  for (StepLog* log : {&one, &two})
    for (int64_t step = 1501; step < 2500; ++step) log->add(step, double(step), 1, 1);
  EXPECT_TRUE(equal(one.state(), two.state()));
  EXPECT_THROW(two.load_state(rill::zeros({2, 3})), rill::ShapeError);
}

}  // namespace
}  // namespace tiny_transformer
