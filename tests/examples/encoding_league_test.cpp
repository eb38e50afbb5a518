#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <csignal>
#include <filesystem>
#include <limits>
#include <regex>
#include <sstream>

#include "examples/encoding_league/report.h"
#include "run_program.h"
#include "tests/support/browser.h"

namespace encoding_league {
namespace {

using rill::nn::Position;
using rill::testing::Outcome;
using rill::testing::run_example;
using rill::testing::temporary_folder;

/// Flags for a run of seconds.
std::string small_league(const std::string& folder) {
  std::string text;
  for (int i = 0; i < 100; ++i) text += i % 3 == 0 ? "the cat sat. " : "a dog ran.\n";
  rill::testing::write_file(folder + "/text", text);
  return "encoding_league --text " + folder + "/text --out-dir " + folder +
         "/out --block-size 8 --batch-size 4 --n-layer 1 --n-head 2 --n-embd 16 --max-iters 8";
}

std::vector<Entry> two_entries() {
  return {{Position::learned, {{{2, 3, 4}, 100, 7}, {{4, 5, 8}, 300, 7}}},
          {Position::alibi, {{{2.5, 2.5, 2.5}, 50, 5}, {{2.5, 2.5, 2.5}, 50, 5}}}};
}

/// Rows of the printed table: the words of each line that begins with `name`.
std::vector<std::string> printed_row(const std::string& output, const std::string& name) {
  const size_t at = output.find("\n" + name + " ");
  EXPECT_NE(at, std::string::npos) << output;
  std::istringstream words(output.substr(at + 1, output.find('\n', at + 1) - at - 1));
  return {std::istream_iterator<std::string>(words), {}};
}

TEST(EncodingLeague, GivesMeanAndSampleDeviationOverTheSeeds) {
  const Entry entry = two_entries()[0];
  EXPECT_DOUBLE_EQ(entry.mean(0), 3);
  EXPECT_DOUBLE_EQ(entry.spread(0), std::sqrt(2));  // ((2 − 3)² + (4 − 3)²) / (2 − 1)
  EXPECT_DOUBLE_EQ(entry.mean(2), 6);
  EXPECT_DOUBLE_EQ(entry.tokens_per_s(), 200);
  EXPECT_EQ(Entry({Position::none, {{{2, 3, 4}, 1, 1}}}).spread(0), 0);
}

TEST(EncodingLeague, SaysWhichLossesGrowWithTheLength) {
  const std::vector<std::string> said = conclusions(two_entries(), 16);
  ASSERT_EQ(said.size(), 4u);
  EXPECT_NE(said[0].find("16 tokens, from best to worst: alibi 2.500, learned 3.000."),
            std::string::npos);
  EXPECT_NE(said[1].find("one encoding is 1.414"), std::string::npos) << said[1];
  EXPECT_NE(said[2].find("with learned (+3.000); not so with alibi (+0.000)"), std::string::npos)
      << said[2];
  EXPECT_NE(said[3].find("64 positions, but those from 16 on were never trained"),
            std::string::npos);
}

TEST(EncodingLeague, PutsWhatFailedLast) {
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  std::vector<Entry> entries = two_entries();
  entries.insert(entries.begin(), {Position::rotary, {{{nan, nan, nan}, 1, 1}}});
  const std::vector<std::string> said = conclusions(entries, 16);
  EXPECT_LT(said[0].find("learned"), said[0].find("rotary"));
  EXPECT_LT(said[2].find("rotary"), said[2].find("not so with"));
}

TEST(EncodingLeague, EveryEncodingTakesPart) {
  const Outcome run = run_example(small_league(temporary_folder()) + " --seeds 1");
  ASSERT_EQ(run.exit_code, 0) << run.errors;
  for (const auto& [name, position] : rill::nn::position_names()) {
    const std::vector<std::string> row = printed_row(run.output, name);
    ASSERT_EQ(row.size(), 6u) << name;
    for (int i = 1; i <= 3; ++i) {
      EXPECT_GT(std::stod(row[i]), 0) << name;
      EXPECT_LT(std::stod(row[i]), 4) << name;  // ln 17 = 2.83 without learning
    }
  }
}

TEST(EncodingLeague, ThePageShowsTheNumbersPrinted) {
  if (!rill::testing::has_browser()) GTEST_SKIP() << rill::testing::no_browser;
  const std::string folder = temporary_folder();
  const Outcome run = run_example(small_league(folder) + " --positions alibi,learned");
  ASSERT_EQ(run.exit_code, 0) << run.errors;
  const nlohmann::json seen = rill::testing::evaluate_in_browser(folder + "/out/league.html", R"({
    table: cells("league"),
    lines: rill.views.length.data("lines").map((d) => [d.line, d.x, d.y]),
    text: document.body.textContent})");
  ASSERT_EQ(seen["table"].size(), 3u);
  ASSERT_EQ(seen["lines"].size(), 6u);
  for (size_t i = 0; i < 2; ++i) {
    const std::vector<std::string> words = printed_row(run.output, i == 0 ? "alibi" : "learned");
    std::string shown;
    for (const auto& cell : seen["table"][i + 1]) shown += cell.get<std::string>() + " ";
    std::string printed;
    for (const std::string& word : words) printed += word + " ";
    EXPECT_EQ(shown, printed);
    for (size_t j = 0; j < 3; ++j) {
      const nlohmann::json& point = seen["lines"][3 * i + j];
      EXPECT_EQ(point[0], words[0]);
      EXPECT_EQ(point[1], 8 << j);
      EXPECT_NEAR(point[2].get<double>(), std::stod(words[1 + 3 * j]), 5.1e-5);
    }
  }
  EXPECT_NE(run.output.find("from best to worst"), std::string::npos);
  EXPECT_NE(seen["text"].get<std::string>().find("from best to worst"), std::string::npos);
}

TEST(EncodingLeague, WhiskersAreSpokenOfAndDrawnWhereThereAreSeveralSeeds) {
  if (!rill::testing::has_browser()) GTEST_SKIP() << rill::testing::no_browser;
  for (const char* seeds : {"1", "2"}) {
    const std::string folder = temporary_folder();
    const Outcome run =
        run_example(small_league(folder) + " --positions alibi,none --seeds " + seeds);
    ASSERT_EQ(run.exit_code, 0) << run.errors;
    const nlohmann::json seen = rill::testing::evaluate_in_browser(folder + "/out/league.html", R"({
      whiskers: rill.views.loss.data("whiskers").length, text: document.body.innerText,
      bands: rill.views.length.data("lines").filter((d) => d.low !== undefined).length})");
    const bool several = seeds == std::string("2");
    EXPECT_EQ(seen["whiskers"], several ? 2 : 0);
    EXPECT_EQ(seen["bands"], several ? 6 : 0);
    EXPECT_EQ(seen["text"].get<std::string>().find("whiskers") != std::string::npos, several);
  }
}

TEST(EncodingLeague, LossesAreDotsOnAnAxisThatShowsTheirDifferences) {
  if (!rill::testing::has_browser()) GTEST_SKIP() << rill::testing::no_browser;
  const std::string folder = temporary_folder();
  ASSERT_EQ(run_example(small_league(folder) + " --seeds 1").exit_code, 0);
  const nlohmann::json seen = rill::testing::evaluate_in_browser(folder + "/out/league.html", R"({
    dots: drawn("loss", "symbol").map((i) => i.y), bars: drawn("loss", "rect").length,
    height: rill.views.loss.height()})");
  ASSERT_EQ(seen["dots"].size(), 8u);
  EXPECT_EQ(seen["bars"], 0);
  const auto [above, below] = std::ranges::minmax(seen["dots"].get<std::vector<double>>());
  EXPECT_GT(below - above, seen["height"].get<double>() / 2) << "they lie on one line";
}

TEST(EncodingLeague, ASignalEndsItWithTheRunsThatThereAre) {
  const std::string folder = temporary_folder();
  const Outcome run = rill::testing::signal_example(
      small_league(folder) + " --max-iters 2 --seeds 1000 --positions alibi,none",
      {{"alibi, seed 1338", SIGINT}});
  EXPECT_EQ(run.exit_code, 128 + SIGINT) << run.output;
  EXPECT_NE(run.output.find("of 2000 runs"), std::string::npos) << run.output;
  EXPECT_NE(run.output.find("\nalibi "), std::string::npos) << run.output;
  EXPECT_EQ(run.output.find("\nnone "), std::string::npos) << run.output;
  EXPECT_TRUE(std::filesystem::exists(folder + "/out/league.html"));
}

TEST(EncodingLeague, ARunThatIsStoppedIsLeftOut) {
  const std::string folder = temporary_folder();
  const Outcome run = rill::testing::signal_example(
      small_league(folder) + " --max-iters 1000000000", {{"none, seed 1337", SIGTERM}});
  EXPECT_EQ(run.exit_code, 128 + SIGTERM) << run.output;
  EXPECT_NE(run.output.find("after 0 of 16 runs"), std::string::npos) << run.output;
  EXPECT_FALSE(std::filesystem::exists(folder + "/out/league.html"));
}

TEST(EncodingLeague, AWrongCallIsOneLineExitTwoAndNothingWritten) {
  for (const char* flags :
       {"--nonsense", "--positions sideways", "--positions t5,t5", "--seeds 0", "--n-head 3",
        "--max-iters x", "--text /no/such/file", "--block-size 1000"}) {
    const std::string folder = temporary_folder();
    const Outcome run = run_example(small_league(folder) + " --seeds 1 " + flags);
    EXPECT_EQ(run.exit_code, 2) << flags << ": " << run.errors;
    EXPECT_EQ(std::count(run.errors.begin(), run.errors.end(), '\n'), 1) << run.errors;
    EXPECT_FALSE(std::filesystem::exists(folder + "/out")) << flags;
  }
}

TEST(EncodingLeague, HelpSaysHowLongItTakes) {
  const Outcome run = run_example("encoding_league --help");
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_NE(run.output.find("minutes on 2 cores"), std::string::npos) << run.output;
}

}  // namespace
}  // namespace encoding_league
