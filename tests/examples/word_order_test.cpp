#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <csignal>
#include <filesystem>
#include <set>

#include <rill/core/detail/system_memory.h>

#include "examples/word_order/report.h"
#include "run_program.h"
#include "tests/support/browser.h"

namespace word_order {
namespace {

using rill::testing::Outcome;
using rill::testing::run_example;
using rill::testing::temporary_folder;

std::set<std::pair<int64_t, int64_t>> pairs_of(const Sentences& sentences) {
  std::set<std::pair<int64_t, int64_t>> out;
  for (int64_t i = 0; i < sentences.ids.size(0); ++i) {
    const auto a = sentences.ids[i][0].item<int64_t>();
    const auto b = sentences.ids[i][2].item<int64_t>();
    EXPECT_EQ(sentences.first[i].item<int64_t>(), a);
    out.insert({std::min(a, b), std::max(a, b)});
  }
  return out;
}

TEST(WordOrder, NoPairOfTheTestIsTrained) {
  const Split split = split_pairs(5);
  const auto trained = pairs_of(split.training);
  const auto tested = pairs_of(split.test);
  EXPECT_EQ(split.test.ids.size(0), 100);  // both orders of 50
  EXPECT_EQ(tested.size(), 50u);
  EXPECT_EQ(trained.size(), 140u);  // of 20 · 19 / 2 = 190
  for (const auto& pair : tested) EXPECT_EQ(trained.count(pair), 0u);
}

TEST(WordOrder, OnlyWithOrderIsThePermutedSentenceTold) {
  if (rill::detail::is_sanitized) GTEST_SKIP() << "trainings take minutes under the sanitizers";
  const Split split = split_pairs(11);
  for (const Way way : ways()) {
    const Reader reader = train(way, split.training, 11);
    const bool blind = way == Way::none || way == Way::segment;
    if (blind) {
      EXPECT_NEAR(accuracy(reader, split.test), 0.5, 0.03) << name_of(way);
      EXPECT_LT(order_gap(reader, split.test.ids), 1e-6) << name_of(way);
    } else {
      EXPECT_GE(accuracy(reader, split.test), 0.97) << name_of(way);
      EXPECT_GT(order_gap(reader, split.test.ids), 1e-2) << name_of(way);
    }
  }
}

TEST(WordOrder, GivesMeanAndSampleDeviationOverTheSeeds) {
  const Result result{Way::none, {0.4, 0.6}, {0, 1}};
  EXPECT_DOUBLE_EQ(result.mean(), 0.5);
  EXPECT_DOUBLE_EQ(result.spread(), std::sqrt(0.02));  // (0.1² + 0.1²) / (2 − 1)
  EXPECT_EQ(table_of({result}).rows[0], (std::vector<std::string>{"none", "50.00", "14.14", "40.00",
                                                                  "60.00", "0.0e+00", "1.0e+00"}));
}

TEST(WordOrder, ASingleRunHasNoSpread) {
  const std::vector<Result> one{{Way::none, {0.5}, {0}}};
  EXPECT_EQ(table_of(one).rows[0][2], "–");
  EXPECT_EQ(chart_of(one).bars[0].low, std::nullopt);
  EXPECT_EQ(chart_of({{Way::none, {0.4, 0.6}, {0, 0}}}).bars[0].high, 50 + 100 * std::sqrt(0.02));
}

/// What is said of one result.
std::string said_of(Way way, double share, double gap) {
  const std::vector<std::string> said = explanations({{way, {share}, {gap}}});
  return said.empty() ? "" : said[0];
}

TEST(WordOrder, WhatItSaysComesFromTheNumbers) {
  const auto has = [](const std::string& said, const std::string& part) {
    return said.find(part) != std::string::npos;
  };
  const std::string blind = said_of(Way::none, 0.5, 1e-15);
  EXPECT_TRUE(has(blind, "right for one, wrong for the other. 50.0 %")) << blind;
  const std::string names_others = said_of(Way::none, 0.41, 1e-15);  // not even one of the two
  EXPECT_TRUE(has(names_others, "right for one of them at most. 41.0 %")) << names_others;
  EXPECT_FALSE(has(names_others, "wrong for the other")) << names_others;
  const std::string read_apart = said_of(Way::none, 1, 1e-15);  // the first word's output alone
  EXPECT_TRUE(has(read_apart, "and yet 100.0 %")) << read_apart;
  EXPECT_FALSE(has(read_apart, "wrong for the other")) << read_apart;
  EXPECT_TRUE(has(said_of(Way::none, 1, 0.1), "the two orders differ"));
  EXPECT_TRUE(has(said_of(Way::alibi, 0.995, 1), "yet it tells (99.5 %"));
  const std::string untrained = said_of(Way::alibi, 0.405, 1);
  EXPECT_FALSE(has(untrained, "tells")) << untrained;
  EXPECT_TRUE(has(untrained, "40.5 % of the answers are right after")) << untrained;
  EXPECT_TRUE(has(said_of(Way::causal, 1, 1), "needs no encoding"));
  EXPECT_FALSE(has(said_of(Way::causal, 0.6, 1), "needs no encoding"));
  EXPECT_TRUE(has(said_of(Way::segment, 0.5, 1e-15), "does not help"));
  EXPECT_FALSE(has(said_of(Way::segment, 1, 1e-15), "does not help"));
  EXPECT_EQ(said_of(Way::rotary, 1, 1), "");
}

TEST(WordOrder, ThePageShowsTheNumbersPrinted) {
  if (!rill::testing::has_browser()) GTEST_SKIP() << rill::testing::no_browser;
  const std::string folder = temporary_folder();
  const Outcome run = run_example("word_order --seeds 2 --steps 3 --out-dir " + folder);
  ASSERT_EQ(run.exit_code, 0) << run.errors;
  const nlohmann::json seen = rill::testing::evaluate_in_browser(folder + "/word_order.html", R"({
    table: cells("accuracy"),
    bars: rill.views.accuracy.data("bars").map((d) => d.value)})");
  ASSERT_EQ(seen["table"].size(), 9u);
  ASSERT_EQ(seen["bars"].size(), 8u);
  for (size_t i = 0; i < 8; ++i) {
    for (const auto& cell : seen["table"][i + 1])
      EXPECT_NE(run.output.find(cell.get<std::string>()), std::string::npos) << cell;
    EXPECT_NEAR(seen["bars"][i].get<double>(),
                std::stod(seen["table"][i + 1][1].get<std::string>()), 0.0051);
  }
}

TEST(WordOrder, ASignalEndsItWithTheRunsThatThereAre) {
  const std::string folder = temporary_folder();
  const Outcome run =
      rill::testing::signal_example("word_order --steps 3 --seeds 1000 --out-dir " + folder,
                                    {{"First number of each word's output, none", SIGTERM}});
  EXPECT_EQ(run.exit_code, 128 + SIGTERM) << run.output;
  EXPECT_NE(run.output.find("of 8000 runs"), std::string::npos) << run.output;
  EXPECT_NE(run.output.find("\nnone "), std::string::npos) << run.output;
  EXPECT_EQ(run.output.find("\nrotary "), std::string::npos) << run.output;
  EXPECT_TRUE(std::filesystem::exists(folder + "/word_order.html"));
}

TEST(WordOrder, AWrongCallIsOneLineExitTwoAndNothingWritten) {
  for (const char* flags : {"--nonsense", "--seeds 0", "--steps x"}) {
    const std::string folder = temporary_folder() + "/out";
    const Outcome run = run_example("word_order --out-dir " + folder + " " + flags);
    EXPECT_EQ(run.exit_code, 2) << flags << ": " << run.errors;
    EXPECT_EQ(std::count(run.errors.begin(), run.errors.end(), '\n'), 1) << run.errors;
    EXPECT_FALSE(std::filesystem::exists(folder)) << flags;
  }
}

}  // namespace
}  // namespace word_order
