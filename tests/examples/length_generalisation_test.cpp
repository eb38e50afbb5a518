#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <iterator>
#include <sstream>

#include "examples/length_generalisation/task.h"
#include "rill/core/ops.h"
#include "run_program.h"
#include "tests/support/browser.h"

namespace length_generalisation {
namespace {

using rill::testing::Outcome;
using rill::testing::run_example;
using rill::testing::temporary_folder;

/// A run of a second.
std::string small_run(const std::string& folder) {
  return "length_generalisation --out-dir " + folder +
         "/out --steps 5 --batch-size 2 --examples 4 --n-layer 1 --n-head 2 --n-embd 16";
}

/// The words of the printed line that begins with `name`.
std::vector<std::string> printed_row(const std::string& output, const std::string& name) {
  const size_t at = output.find("\n" + name + " ");
  EXPECT_NE(at, std::string::npos) << output;
  std::istringstream words(output.substr(at + 1, output.find('\n', at + 1) - at - 1));
  return {std::istream_iterator<std::string>(words), {}};
}

TEST(LengthGeneralisation, AsksForTheAnswerAlone) {
  rill::Generator one(5), two(5);
  const Batch copied = make_batch(Task::copy, {3, 2}, one);
  const Batch reversed = make_batch(Task::reverse, {3, 2}, two);
  const std::vector<int64_t> a = copied.ids.to_vector<int64_t>();  // rows of 6
  const int64_t sep = separator, no = -100;
  EXPECT_EQ(a, (std::vector<int64_t>{a[0], a[1], a[2], sep, a[0], a[1],  //
                                     a[6], a[7], sep, a[6], sep, sep}));
  EXPECT_EQ(copied.targets.to_vector<int64_t>(),
            (std::vector<int64_t>{no, no, no, a[0], a[1], a[2], no, no, a[6], a[7], no, no}));
  EXPECT_EQ(reversed.ids.to_vector<int64_t>(),
            (std::vector<int64_t>{a[0], a[1], a[2], sep, a[2], a[1],  //
                                  a[6], a[7], sep, a[7], sep, sep}));
  EXPECT_EQ(reversed.targets.to_vector<int64_t>(),
            (std::vector<int64_t>{no, no, no, a[2], a[1], a[0], no, no, a[7], a[6], no, no}));
  EXPECT_NE(a[0], a[2]);  // else copy and reverse are not told apart here
}

TEST(LengthGeneralisation, AnAnswerIsRightWhereAllItsLettersAre) {
  const rill::Tensor targets =
      rill::tensor({{-100, 1, 2}, {-100, 0, 1}, {-100, -100, 2}, {-100, 2, 2}}, rill::int64);
  // What is not asked for may be anything; the second row has one mistake, the last two.
  const rill::Tensor guesses =
      rill::tensor({{0, 1, 2}, {0, 0, 2}, {1, 1, 2}, {2, 0, 1}}, rill::int64);
  EXPECT_DOUBLE_EQ(share_right(rill::one_hot(guesses, 3).to(rill::float32), targets), 0.5);
}

TEST(LengthGeneralisation, NineOfTenAreNineTenths) {
  const std::vector<int64_t> rights(10, 1);
  std::vector<int64_t> guesses = rights;
  guesses[3] = 0;
  const rill::Tensor logits = rill::one_hot(rill::from_vector(guesses, {10, 1}), 2);
  EXPECT_EQ(share_right(logits.to(rill::float32), rill::from_vector(rights, {10, 1})), 0.9);
}

TEST(LengthGeneralisation, EveryEncodingAndTaskIsTried) {
  for (const char* task : {"copy", "reverse"}) {
    const Outcome run = run_example(small_run(temporary_folder()) + " --task " + task);
    ASSERT_EQ(run.exit_code, 0) << run.errors;
    EXPECT_NE(run.output.find(std::string("Task: ") + task), std::string::npos);
    for (const char* name : {"none", "sinusoidal", "sinusoidal_t2t", "learned", "rotary",
                             "rotary_interleaved", "alibi", "t5"})
      EXPECT_EQ(printed_row(run.output, name).size(), 11u) << name;  // "0.0 %" five times
  }
}

TEST(LengthGeneralisation, ThePageShowsTheNumbersPrinted) {
  if (!rill::testing::has_browser()) GTEST_SKIP() << rill::testing::no_browser;
  const std::string folder = temporary_folder();
  const Outcome run = run_example(small_run(folder) + " --positions t5,none");
  ASSERT_EQ(run.exit_code, 0) << run.errors;
  const nlohmann::json seen =
      rill::testing::evaluate_in_browser(folder + "/out/length_generalisation.html", R"({
    table: cells("results"),
    lines: rill.views.exact_match.data("lines").map((d) => [d.line, d.x, d.y])})");
  ASSERT_EQ(seen["table"].size(), 3u);
  ASSERT_EQ(seen["lines"].size(), 10u);
  const std::vector<int> lengths{16, 17, 20, 24, 32};
  for (size_t i = 0; i < 2; ++i) {
    const std::vector<std::string> words = printed_row(run.output, i == 0 ? "t5" : "none");
    for (size_t j = 0; j < 5; ++j) {
      const nlohmann::json& point = seen["lines"][5 * i + j];
      EXPECT_EQ(seen["table"][i + 1][j + 1], words[1 + 2 * j] + " %");
      EXPECT_EQ(point[0], words[0]);
      EXPECT_EQ(point[1], lengths[j]);
      EXPECT_NEAR(point[2].get<double>(), std::stod(words[1 + 2 * j]), 0.051);
    }
  }
}

TEST(LengthGeneralisation, ASignalEndsItWithWhatIsWhole) {
  const std::string folder = temporary_folder();
  const Outcome run = rill::testing::signal_example(small_run(folder) + " --seeds 1000",
                                                    {{"none, seed 1:", SIGINT}});
  EXPECT_EQ(run.exit_code, 128 + SIGINT) << run.output;
  EXPECT_NE(run.output.find("stopped after 0 of 8 encodings"), std::string::npos) << run.output;
  EXPECT_FALSE(std::filesystem::exists(folder + "/out/length_generalisation.html"));
}

TEST(LengthGeneralisation, AWrongCallIsOneLineExitTwoAndNothingWritten) {
  for (const char* flags :
       {"--nonsense", "--task sing", "--positions sideways", "--positions t5,t5", "--seeds 0",
        "--n-head 3", "--steps x", "--learning-rate nan"}) {
    const std::string folder = temporary_folder();
    const Outcome run = run_example(small_run(folder) + " " + flags);
    EXPECT_EQ(run.exit_code, 2) << flags << ": " << run.errors;
    EXPECT_EQ(std::count(run.errors.begin(), run.errors.end(), '\n'), 1) << run.errors;
    EXPECT_FALSE(std::filesystem::exists(folder + "/out")) << flags;
  }
}

}  // namespace
}  // namespace length_generalisation
