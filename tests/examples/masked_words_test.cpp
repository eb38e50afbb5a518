#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <csignal>

#include <rill/core/io/safetensors.h>
#include "examples/masked_words/filling.h"
#include "examples/masked_words/model_file.h"
#include "examples/masked_words/training.h"

#include "run_program.h"
#include "tests/support/expect.h"
#include "tests/support/layer_case.h"

namespace rill::testing {
namespace {

using namespace masked_words;

const std::vector<std::string> sentences{"The cat sat. ", "A dog, the DOG!", "the cat's end"};

std::vector<Pair> two_pairs(const Vocabulary& vocabulary) {
  return {pair_of(vocabulary.ids(sentences[0]), vocabulary.ids(sentences[1]), 16),
          pair_of(vocabulary.ids(sentences[2]), {}, 16)};
}

}  // namespace

TEST(MaskedWords, WordsAreSmallAndMarksStandAlone) {
  EXPECT_EQ(words_of("Don't go, O king--now!"),
            (std::vector<std::string>{"don't", "go", ",", "o", "king", "now", "!"}));
}

TEST(MaskedWords, AParagraphEndsAtALineThatIsEmptyButForBlanks) {
  for (const char* text :
       {"one two\nthree\n\nfour\n", "one two\r\nthree\r\n\r\nfour\r\n", "one two\rthree\r\rfour",
        "one two\nthree\n \t\nfour", "\n\none two\nthree. four.\n\n\n"}) {
    const std::vector<std::string> found = sentences_of(text);
    ASSERT_EQ(found.size(), 2u) << text;
    EXPECT_EQ(words_of(found[0])[2], "three");
    EXPECT_EQ(words_of(found[1])[0], "four");
  }
  EXPECT_EQ(sentences_of("It is 3.5 now. Is it?\nYes!").size(), 3u);
}

TEST(MaskedWords, TellsHowManyWordsAreCutOff) {
  const std::vector<std::string> said{"one two three four", "five six"};
  EXPECT_DOUBLE_EQ(percent_cut(said, 9), 100.0 / 6);  // each has room for 3
  EXPECT_EQ(percent_cut(said, length_for_sentences_of(4)), 0);
  EXPECT_GT(percent_cut(said, length_for_sentences_of(4) - 1), 0);
}

TEST(MaskedWords, VocabularyHoldsTheMostFrequentFirst) {
  const Vocabulary vocabulary(sentences, special_count + 3);
  EXPECT_EQ(vocabulary.word(special_count), "the");      // 3 times
  EXPECT_EQ(vocabulary.word(special_count + 1), "dog");  // twice
  EXPECT_EQ(vocabulary.word(special_count + 2), "!");    // once, the first by alphabet
  EXPECT_EQ(vocabulary.id("cat"), unknown);
  EXPECT_EQ(vocabulary.ids("the [MASK] sat"), (std::vector<int64_t>{special_count, mask, unknown}));
}

TEST(MaskedWords, APairTellsItsSegmentsAndIsCutToFit) {
  const Pair pair = pair_of({7, 8, 9}, {10, 11, 12}, 7);
  EXPECT_EQ(pair.ids, (std::vector<int64_t>{start, 7, 8, separator, 10, 11, separator}));
  EXPECT_EQ(pair.segments, (std::vector<int64_t>{0, 0, 0, 0, 1, 1, 1}));
}

TEST(MaskedWords, HidesKnownWordsOnlyAndTellsWhatTheyWere) {
  const Vocabulary vocabulary(sentences, 50);
  Generator generator(1);
  const Batch all = hide(two_pairs(vocabulary), 1, Show::mask, vocabulary.size(), generator);
  // "the cat sat ." and "a dog , the dog !", then "the cat's end": 13 words in all.
  EXPECT_EQ(all.targets.numel(), 13);
  EXPECT_EQ(all.ids.shape(), (Shape{2, 13}));
  const std::vector<int64_t> ids = all.ids.to_vector<int64_t>();
  EXPECT_EQ(std::count(ids.begin(), ids.end(), mask), 13);
  EXPECT_EQ(std::count(ids.begin(), ids.end(), separator), 4);
  EXPECT_EQ(all.is_padding.to(int64).sum().item(), 7);
  EXPECT_EQ(all.targets[0].item<int64_t>(), vocabulary.id("the"));
}

TEST(MaskedWords, HiddenWordsAreShownAsBertShowsThem) {
  std::vector<int64_t> words(20000, special_count + 3);
  const std::vector<Pair> pairs{{words, std::vector<int64_t>(words.size(), 0)}};
  Generator generator(2);
  const Batch batch = hide(pairs, 1, Show::mixed, 1000, generator);
  const std::vector<int64_t> ids = batch.ids.to_vector<int64_t>();
  const auto masks = static_cast<double>(std::count(ids.begin(), ids.end(), mask));
  const auto same = static_cast<double>(std::count(ids.begin(), ids.end(), special_count + 3));
  // 5 standard deviations of 20000 draws.
  EXPECT_NEAR(masks / 20000, 0.8, 0.015);
  EXPECT_NEAR(same / 20000, 0.1, 0.011);
  EXPECT_GE(*std::min_element(ids.begin(), ids.end()), static_cast<int64_t>(mask));
  EXPECT_LT(*std::max_element(ids.begin(), ids.end()), 1000);
}

TEST(MaskedWords, PaddingDoesNotReachTheWords) {
  const Vocabulary vocabulary(sentences, 50);
  manual_seed(3);
  const MaskedWordModel model({.vocab_size = vocabulary.size(), .n_embd = 8, .n_head = 2});
  model.eval();
  const std::vector<Pair> pairs = two_pairs(vocabulary);
  Generator one(4), two(4);
  const Batch both = hide(pairs, 1, Show::mask, vocabulary.size(), one);
  const Batch alone = hide({pairs[1]}, 1, Show::mask, vocabulary.size(), two);
  const Tensor padded = model(both), bare = model(alone);  // the second pair is padded in `both`
  const int64_t words = alone.targets.numel();
  expect_values(padded.narrow(0, padded.size(0) - words, words), bare.to_vector(), 1e-5);
}

TEST(MaskedWords, EveryParameterTrains) {
  const Vocabulary vocabulary(sentences, 50);
  manual_seed(5);
  const MaskedWordModel model({.vocab_size = vocabulary.size(), .n_embd = 8, .n_head = 2});
  Generator generator(6);
  const Batch batch = hide(two_pairs(vocabulary), 0.5, Show::mask, vocabulary.size(), generator);
  expect_trains_exactly_its_parameters(model, cross_entropy(model(batch), batch.targets));
}

TEST(MaskedWords, WordFrequenciesAloneScoreAsByHand) {
  // Known: word 5 three times, word 6 once; with one more each of 7 ids, shares 4/11 and 2/11.
  const std::vector<Pair> training{{{start, 5, 5, 6, separator, 5, separator}, {}}};
  const std::vector<Pair> held_out{{{start, 5, unknown, 6, separator, 6, separator}, {}}};
  const Score score = unigram(training, held_out, 7);
  EXPECT_NEAR(score.loss, (std::log(11.0 / 4) + 2 * std::log(11.0 / 2)) / 3, 1e-12);
  EXPECT_NEAR(score.accuracy, 1.0 / 3, 1e-12);
}

TEST(MaskedWords, ATextWithoutKnownWordsStillHidesAPlace) {
  Generator generator(7);
  const Batch batch = hide({pair_of({unknown}, {}, 16)}, 0.5, Show::mask, 50, generator);
  EXPECT_EQ(batch.places.to_vector<int64_t>(), (std::vector<int64_t>{3}));
}

TEST(MaskedWords, NeighboursTellMoreThanFrequenciesAlone) {
  // "5 6 7 8" over and over from a drawn word on: each word is told by any other, none by its
  // frequency, which leaves ln 4.
  std::vector<Pair> pairs;
  for (int64_t i = 0; i < 64; ++i) {
    std::vector<int64_t> words;
    for (int64_t j = 0; j < 8; ++j) words.push_back(special_count + (i + j) % 4);
    pairs.push_back(pair_of(words, {}, 19));
  }
  manual_seed(8);
  Generator generator(8);
  const MaskedWordModel model(
      {.vocab_size = special_count + 4, .max_len = 19, .n_embd = 16, .n_head = 2, .n_layer = 1});
  train(model, pairs, pairs, {.batch_size = 8, .max_iters = 400, .learning_rate = 1e-2}, generator);
  const Score score = evaluate(model, pairs, 0.3);
  EXPECT_LT(score.loss, std::log(4.0) - 1);
  EXPECT_GT(score.accuracy, 0.9);

  const Tensor& places = model.embeddings.position.weight;
  const Tensor kept = places.clone();
  EXPECT_GT(evaluate_without(places, model, pairs, 0.3).loss, score.loss + 0.5);
  EXPECT_TRUE(equal(places, kept));
  const Tensor& segments = model.embeddings.segment.weight;
  EXPECT_LT(evaluate_without(segments, model, pairs, 0.3).loss, score.loss + 0.2);
}

TEST(MaskedWords, LearnsAFileOfSentencesAndFillsGapsFromItsModelInAnotherProcess) {
  const std::string folder = temporary_folder(), path = folder + "/text.txt";
  std::string text;
  for (int i = 0; i < 200; ++i)
    text += i % 2 == 0 ? "The sun shines by day.\n" : "The moon shines by night.\n";
  write_file(path, text);
  const Outcome run = run_example("masked_words --text " + path + " --out-dir " + folder +
                                  "/out --max-iters 150 --n-embd 16 --n-layer 1 --batch-size 8"
                                  " --sentence 'The sun shines by [MASK].'");
  EXPECT_EQ(run.exit_code, 0) << run.errors;
  const size_t end = run.output.find(" nats below the unigram model");
  ASSERT_NE(end, std::string::npos) << run.output;
  EXPECT_GT(std::stod(run.output.substr(run.output.rfind(' ', end - 1))), 0.5) << run.output;
  EXPECT_NE(run.output.find("day", run.output.find("The sun shines by [MASK].")), std::string::npos)
      << run.output;
  const std::string model = "masked_words --model " + folder + "/out/model.safetensors ";
  const Outcome fill = run_example(model + "--fill 'The sun shines by [MASK].'");
  EXPECT_EQ(fill.exit_code, 0) << fill.errors;
  EXPECT_EQ(fill.output.find("The sun shines by day.\n"), 0u) << fill.output;
  const size_t guesses = run.output.find("    ", run.output.find("The sun shines by [MASK]."));
  EXPECT_EQ(fill.output.substr(23), run.output.substr(guesses));
  const Outcome unknown = run_example(model + "--fill 'The star shines by [MASK].'");
  EXPECT_EQ(unknown.exit_code, 0) << unknown.errors;
  EXPECT_NE(unknown.errors.find("never learned 'star'"), std::string::npos) << unknown.errors;
}

/// A text of so many sentences, and flags for a run of a second on it.
std::string small_run(int sentences) {
  const std::string path = temporary_folder() + "/text.txt";
  std::string text;
  for (int i = 0; i < sentences; ++i) text += "One two three four five. ";
  write_file(path, text);
  return "masked_words --text " + path + " --out-dir " + path +
         ".out --max-iters 10 --n-embd 16 --n-layer 1 --batch-size 8 --max-len 11 ";
}

TEST(MaskedWords, ASentenceThatWouldBeCutIsRefusedUnlessNobodyGaveIt) {
  const Outcome refused = run_example(small_run(40) + "--sentence 'one [MASK] three four [MASK]'");
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_EQ(refused.output, "");
  EXPECT_NE(refused.errors.find("--max-len 13"), std::string::npos) << refused.errors;
  const Outcome fits = run_example(small_run(40) + "--sentence 'one|[MASK] two three four'");
  EXPECT_EQ(fits.exit_code, 0) << fits.errors;
  const Outcome usual = run_example(small_run(40));
  EXPECT_EQ(usual.exit_code, 0) << usual.errors;
  // Of 6 words, the last two are cut.
  EXPECT_NE(usual.output.find("33.3 % of the words"), std::string::npos) << usual.output;
}

TEST(MaskedWords, ASignalEndsTheTrainingWithWhatItHasLearned) {
  const Outcome run =
      signal_example(small_run(40) + "--max-iters 10000000", {{"learns from", SIGINT}});
  EXPECT_EQ(run.exit_code, 128 + SIGINT) << run.output;
  EXPECT_NE(run.output.find("SIGINT: stopped after step "), std::string::npos) << run.output;
  EXPECT_NE(run.output.find("nats below the unigram model"), std::string::npos) << run.output;
}

TEST(MaskedWords, AMissingTextIsOneLine) {
  const Outcome run = run_example("masked_words --text /nowhere/at/all");
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_EQ(run.output, "");
  EXPECT_EQ(
      run.errors,
      "masked_words: --text: File does not exist: /nowhere/at/all (--help lists all flags)\n");
  EXPECT_EQ(run_example("masked_words --text /tmp").exit_code, 2);
}

TEST(MaskedWords, BadFlagsAreOneLine) {
  for (const std::string flags :
       {"--no-such-flag", "--share 2", "--n-head 5", "--max-iters many"}) {
    const Outcome run = run_example("masked_words " + flags);
    EXPECT_EQ(run.exit_code, 2) << flags;
    EXPECT_EQ(run.output, "") << flags;
    EXPECT_EQ(std::count(run.errors.begin(), run.errors.end(), '\n'), 1) << run.errors;
    EXPECT_EQ(run.errors.rfind("masked_words: ", 0), 0u) << run.errors;
  }
}

/// A model and a vocabulary of two words, one of them not in UTF-8, saved at `path`.
SavedModel saved_at(const std::string& path) {
  manual_seed(9);
  const SavedModel saved{
      MaskedWordModel(
          {.vocab_size = special_count + 2, .max_len = 7, .n_embd = 8, .n_head = 4, .n_layer = 2}),
      Vocabulary(std::vector<std::string>{"caf\xe9", "don't"})};
  save_model(path, saved.model, saved.vocabulary);
  return saved;
}

TEST(MaskedWords, AModelComesBackFromItsFileWithItsWords) {
  const std::string path = temporary_folder() + "/model.safetensors";
  const SavedModel saved = saved_at(path), loaded = load_model(path);
  EXPECT_EQ(loaded.vocabulary.size(), saved.vocabulary.size());
  EXPECT_EQ(loaded.vocabulary.word(special_count), "caf\xe9");
  EXPECT_EQ(loaded.vocabulary.word(special_count + 1), "don't");
  const auto before = guesses_for(saved.model, saved.vocabulary, "don't [MASK]");
  const auto after = guesses_for(loaded.model, loaded.vocabulary, "don't [MASK]");
  ASSERT_EQ(after.size(), 1u);
  for (size_t i = 0; i < 5; ++i) {
    EXPECT_EQ(after[0][i].word, before[0][i].word);
    EXPECT_EQ(after[0][i].share, before[0][i].share);
  }
}

TEST(MaskedWords, AFileThatIsNoModelOfWordsIsNamedWithItsFault) {
  const std::string path = temporary_folder() + "/model.safetensors";
  const std::string words = "masked_words.words", heads = "masked_words.n_head";
  saved_at(path);
  const StateDict tensors = load_safetensors(path);
  const auto expect_refused = [&](const Metadata& metadata, const std::string& part) {
    save_safetensors(path, tensors, {.metadata = metadata});
    expect_error<Error>([&] { load_model(path); }, {path, part});
  };
  expect_refused({}, "no 'masked_words.words'");
  expect_refused({{words, "a\nb\n"}}, "no 'masked_words.n_head'");
  expect_refused({{words, "a\nb\n"}, {heads, "four"}}, "'four'");
  expect_refused({{words, "a\nb\n"}, {heads, "3"}}, "3");
  expect_refused({{words, "a\n"}, {heads, "4"}}, "6 words");
  expect_refused({{words, "a\\xzz\nb\n"}, {heads, "4"}}, "'zz'");
}

TEST(MaskedWords, AGapThatCannotBeFilledIsOneLineAndExitTwo) {
  const std::string path = temporary_folder() + "/model.safetensors";
  saved_at(path);
  for (const std::string& flags : {"--model " + path + " --fill 'no gap'",
                                   "--model " + path + " --fill '[MASK] is much too long for it'",
                                   "--model " + path, std::string("--fill '[MASK]'")}) {
    const Outcome run = run_example("masked_words " + flags);
    EXPECT_EQ(run.exit_code, 2) << flags << run.errors;
    EXPECT_EQ(run.output, "") << flags;
    EXPECT_EQ(std::count(run.errors.begin(), run.errors.end(), '\n'), 1) << run.errors;
  }
}

TEST(MaskedWords, TheLikeliestWordTakesThePlaceOfEachGap) {
  EXPECT_EQ(filled("[MASK] and [MASK].", {{{"[MASK]", 0.5}, {"x", 0.1}}, {{"end", 0.5}}}),
            "[MASK] and end.");
}

}  // namespace rill::testing
