#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <csignal>
#include <filesystem>

#include <rill/core/detail/system_memory.h>
#include <rill/core/ops.h>
#include <rill/core/random.h>

#include "examples/scale/report.h"
#include "run_program.h"
#include "tests/support/browser.h"

namespace scale {
namespace {

using rill::testing::Outcome;
using rill::testing::run_example;
using rill::testing::temporary_folder;

TEST(Scale, PositionsHaveTheSizeThatIsAskedFor) {
  for (const double rms : {0.01, 1.0, 100.0}) {
    const rill::Tensor table = positions_of(5, 16, rms);
    for (const rill::Tensor& row : table)
      EXPECT_NEAR(std::sqrt((row * row).mean().item()), rms, 1e-5 * rms);
  }
}

TEST(Scale, ASmallPlaceIsDrownedInAWordAndASmallWordInAPlace) {
  EXPECT_GT(likeness(0.01).same_word, 0.999);
  EXPECT_LT(std::abs(likeness(0.01).same_place), 0.1);
  EXPECT_GT(likeness(100).same_place, 0.999);
  EXPECT_LT(likeness(100).same_word, 0.95);
}

TEST(Scale, OnlySizesThatAreHeardTellTheOrder) {
  if (rill::detail::is_sanitized) GTEST_SKIP() << "trainings take minutes under the sanitizers";
  for (const Together together : {Together::sum, Together::beside, Together::beside_wide})
    EXPECT_GE(measure({.together = together}, 3).first, 0.97) << name_of(together);
  const Score places_drowned = measure({.ratio = 0.01}, 3);
  EXPECT_GE(places_drowned.either, 0.9);
  EXPECT_NEAR(places_drowned.first, 0.5, 0.12);
  const Score words_drowned = measure({.ratio = 100}, 3);
  EXPECT_LT(words_drowned.either, 0.3);  // of two in twenty
}

TEST(Scale, WhatIsTaughtWronglyIsLearnedWrongly) {
  if (rill::detail::is_sanitized) GTEST_SKIP() << "trainings take minutes under the sanitizers";
  const Score score = measure({}, 3, {.slips = 1});
  EXPECT_LT(score.first, 0.03);
  EXPECT_GT(score.either, 0.97);
  EXPECT_LT(score.trained, 0.03);
}

TEST(Scale, DropoutActsOnWhatGoesIn) {
  const rill::Tensor ids = rill::tensor({0, 20, 1, 21, 22}, rill::int64).unsqueeze(0);
  rill::manual_seed(1);
  const Reader reader({.dropout = 0.5});
  EXPECT_FALSE(allclose(reader(ids), reader(ids)));
  reader.eval();
  EXPECT_TRUE(equal(reader(ids), reader(ids)));
}

TEST(Scale, CountsTheParametersBehindTheWords) {
  const auto expected = [](int64_t d) {
    const int64_t attention = 4 * (d * d + d), forward = 2 * 2 * d * d + 3 * d, norms = 4 * d;
    return 2 * (attention + forward + norms) + 2 * d + 20 * d + 20;
  };
  EXPECT_EQ(parameters_behind_words(Together::sum), expected(32));
  EXPECT_EQ(parameters_behind_words(Together::beside), expected(32));
  EXPECT_EQ(parameters_behind_words(Together::beside_wide), expected(64));
}

TEST(Scale, GivesMeansInPercent) {
  const Result result{{}, {{.first = 0.4, .either = 0.8}, {.first = 0.6, .either = 1}}};
  EXPECT_DOUBLE_EQ(result.percent(&Score::first), 50);
  EXPECT_EQ(ratio_table({result}).rows[0], (std::vector<std::string>{"1", "90.0", "50.0"}));
}

TEST(Scale, ThePageShowsTheNumbersPrinted) {
  if (!rill::testing::has_browser()) GTEST_SKIP() << rill::testing::no_browser;
  const std::string folder = temporary_folder();
  const Outcome run = run_example("scale --seeds 1 --steps 2 --out-dir " + folder);
  ASSERT_EQ(run.exit_code, 0) << run.errors;
  const nlohmann::json seen = rill::testing::evaluate_in_browser(folder + "/scale.html", R"({
    tables: ["numbers", "likeness", "drawn", "parameters", "added", "beside", "dropout"].map(cells),
    bars: rill.views.dropout.data("bars").map((d) => d.value)})");
  for (const auto& table : seen["tables"])
    for (const auto& row : table)
      for (const auto& cell : row)
        EXPECT_NE(run.output.find(cell.get<std::string>()), std::string::npos) << cell;
  ASSERT_EQ(seen["bars"].size(), 4u);
  for (size_t i = 0; i < 4; ++i)
    EXPECT_NEAR(seen["bars"][i].get<double>(),
                std::stod(seen["tables"][6][i + 1][2].get<std::string>()), 0.051);
}

TEST(Scale, ASignalEndsItWithAPage) {
  const std::string folder = temporary_folder();
  const Outcome run = rill::testing::signal_example(
      "scale --steps 3 --seeds 1000 --out-dir " + folder, {{"Added, or side by side", SIGTERM}});
  EXPECT_EQ(run.exit_code, 128 + SIGTERM) << run.output;
  EXPECT_EQ(run.output.find("Dropout on the sum"), std::string::npos) << run.output;
  EXPECT_TRUE(std::filesystem::exists(folder + "/scale.html"));
}

TEST(Scale, AWrongCallIsOneLineExitTwoAndNothingWritten) {
  for (const char* flags : {"--nonsense", "--seeds 0", "--steps x"}) {
    const std::string folder = temporary_folder() + "/out";
    const Outcome run = run_example("scale --out-dir " + folder + " " + flags);
    EXPECT_EQ(run.exit_code, 2) << flags << ": " << run.errors;
    EXPECT_EQ(std::count(run.errors.begin(), run.errors.end(), '\n'), 1) << run.errors;
    EXPECT_FALSE(std::filesystem::exists(folder)) << flags;
  }
}

}  // namespace
}  // namespace scale
