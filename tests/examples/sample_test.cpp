#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <sstream>

#include <rill/core/io/safetensors.h>

#include "run_program.h"

namespace {

using rill::testing::Outcome;
using rill::testing::run_example;
using rill::testing::temporary_folder;
using rill::testing::write_file;

const std::string line = "---------------\n";

/// A text with letters outside ASCII.
std::string some_text() {
  std::string text;
  for (int i = 0; i < 300; ++i) text += i % 3 == 0 ? "the café was shut. " : "a dog ran – home.\n";
  return text;
}

/// What a training of seconds prints; it leaves folder/out/model.safetensors.
std::string trained(const std::string& folder, const std::string& flags) {
  const Outcome run = run_example(
      "tiny_transformer --out-dir " + folder +
      "/out --block-size 16 --batch-size 4 --n-layer 1 --n-head 2 --n-embd 16 --max-iters 30 "
      "--warmup-iters 2 --lr-decay-iters 30 --eval-interval 30 --eval-iters 1 --seed 7 " +
      flags);
  EXPECT_EQ(run.exit_code, 0) << run.errors;
  EXPECT_NE(run.errors.find("examples/run sample --model " + folder + "/out/model.safetensors"),
            std::string::npos)
      << run.errors;
  return run.output;
}

std::string trained_on_text(const std::string& folder, const std::string& flags = "") {
  write_file(folder + "/text", some_text());
  return trained(folder, "--text " + folder + "/text " + flags);
}

std::string sample_of(const std::string& folder) {
  return "sample --model " + folder + "/out/model.safetensors ";
}

TEST(Sample, WritesInAFreshProcessExactlyWhatTheTrainingPrinted) {
  struct Case {
    std::string training, sampling;
  };
  const std::string few = " --num-samples 3 --max-new-tokens 40";
  for (const auto& [training, sampling] :
       {Case{"", ""}, Case{"--tokenizer chars", "--temperature 0.5 --top-k 5" + few},
        Case{"--tokenizer bpe --vocab-size 280", few},
        Case{"--position rotary", "--prompt 'the caf'" + few}}) {
    const std::string folder = temporary_folder();
    const std::string printed = trained_on_text(folder, training + " " + sampling);
    const Outcome run = run_example(sample_of(folder) + sampling);
    EXPECT_EQ(run.exit_code, 0) << run.errors;
    const size_t begin = printed.find(line);
    ASSERT_NE(begin, std::string::npos) << printed;
    EXPECT_EQ(run.output, printed.substr(begin, printed.rfind(line) + line.size() - begin))
        << training;
  }
}

TEST(Sample, OfAModelOfWordsBeginsWithTheWordsThatTheTrainingPrinted) {
  if (!std::filesystem::exists("/usr/share/dict/words")) GTEST_SKIP() << "no dictionary";
  const std::string folder = temporary_folder();
  const std::string printed = trained(folder, "--num-samples 4");
  const Outcome run = run_example(sample_of(folder) + "--num-samples 40 --max-new-tokens 32");
  std::vector<std::string> words;  // of each sample the first whole one
  for (size_t at = run.output.find(line); at + line.size() < run.output.size();) {
    const size_t next = run.output.find(line, at + line.size());
    const std::string text = run.output.substr(at + line.size(), next - at - line.size() - 1);
    const size_t begin = std::min(text.find_first_not_of('\n'), text.size());
    const size_t end = text.find('\n', begin);
    if (end != std::string::npos) words.push_back(text.substr(begin, end - begin));
    at = next;
  }
  ASSERT_GE(words.size(), 4u) << run.output;
  std::istringstream lines(printed.substr(printed.find("never shown):\n")));
  std::string shown;
  std::getline(lines, shown);
  for (size_t i = 0; i < 4; ++i) {
    lines >> shown;
    EXPECT_EQ(shown, words[i]);
    std::getline(lines, shown);
  }
}

TEST(Sample, FewerSamplesAreTheFirstAndShorterOnesTheirBeginning) {
  const std::string folder = temporary_folder();
  trained_on_text(folder);
  const std::string all = run_example(sample_of(folder)).output;
  const std::string two = run_example(sample_of(folder) + "--num-samples 2").output;
  EXPECT_EQ(two, all.substr(0, two.size()));
  const std::string shorter =
      run_example(sample_of(folder) + "--num-samples 1 --max-new-tokens 20").output;
  EXPECT_EQ(shorter, all.substr(0, line.size() + 21) + "\n" + line);
  EXPECT_EQ(run_example(sample_of(folder) + "--num-samples 0").output, "");
}

TEST(Sample, AnotherSeedOrPromptWritesAnotherText) {
  const std::string folder = temporary_folder();
  trained_on_text(folder);
  const std::string usual = run_example(sample_of(folder) + "--num-samples 1").output;
  EXPECT_EQ(run_example(sample_of(folder) + "--num-samples 1 --seed 7").output, usual);
  EXPECT_NE(run_example(sample_of(folder) + "--num-samples 1 --seed 8").output, usual);
  const std::string begun = run_example(sample_of(folder) + "--prompt 'a dog – '").output;
  EXPECT_EQ(begun.find(line + "a dog – "), 0u) << begun;
}

TEST(Sample, WritesEachTokenAsItComes) {
  const std::string folder = temporary_folder();
  trained_on_text(folder);
  const Outcome run = rill::testing::signal_example(
      sample_of(folder) + "--prompt 'the dog' --max-new-tokens 1000000", {{"the dog", SIGTERM}});
  EXPECT_EQ(run.exit_code, 128 + SIGTERM);
  EXPECT_LT(run.output.size(), 500000u);
}

TEST(Sample, AWrongCallIsOneLineAndExitTwo) {
  const std::string folder = temporary_folder();
  trained_on_text(folder);
  for (const char* flags :
       {"--prompt 'the dog Z'", "--prompt ''", "--temperature nan", "--temperature -1", "--top-k 0",
        "--seed x", "--max-new-tokens 0", "--nonsense", "--num-samples"}) {
    const Outcome run = run_example(sample_of(folder) + flags);
    EXPECT_EQ(run.exit_code, 2) << flags << ": " << run.errors;
    EXPECT_EQ(std::count(run.errors.begin(), run.errors.end(), '\n'), 1) << run.errors;
    EXPECT_EQ(run.output, "") << flags;
  }
  const Outcome unknown = run_example(sample_of(folder) + "--prompt 'the dog Z'");
  EXPECT_NE(unknown.errors.find("('Z') at offset 8"), std::string::npos) << unknown.errors;
}

TEST(Sample, AFileThatIsNoModelIsNamedWithItsFault) {
  const std::string folder = temporary_folder();
  std::filesystem::create_directories(folder + "/out");
  const Outcome none = run_example(sample_of(folder));
  EXPECT_EQ(none.exit_code, 1);
  EXPECT_NE(none.errors.find("out/model.safetensors: No such file"), std::string::npos)
      << none.errors;
  rill::save_safetensors(folder + "/out/model.safetensors", {{"x", rill::zeros({1})}});
  const Outcome weights = run_example(sample_of(folder));
  EXPECT_EQ(weights.exit_code, 1);
  EXPECT_NE(weights.errors.find("no 'rill.language_model'"), std::string::npos) << weights.errors;
}

}  // namespace
