#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "examples/walk_through/report.h"
#include "rill/core/random.h"
#include "rill/nn/positions/positional_encoding.h"
#include "run_program.h"
#include "tests/support/browser.h"

namespace walk_through {
namespace {

using rill::testing::Outcome;
using rill::testing::run_example;
using rill::testing::temporary_folder;

Embedder small_embedder() {
  rill::manual_seed(3);
  return Embedder({"Transformers", "are", "awesome.", "King", "and", "Queen"}, 4);
}

TEST(WalkThrough, AddsThePapersNumbersForThreeWordsInFourDimensions) {
  const rill::inspect::Table table =
      sum_table(small_embedder().encode("Transformers are awesome."));
  // sin and cos of 0, 1, 2, and of 0, 0.01, 0.02.
  const char* expected[] = {"0.0000", "1.0000", "0.0000", "1.0000",  "0.8415", "0.5403",
                            "0.0100", "1.0000", "0.9093", "-0.4161", "0.0200", "0.9998"};
  ASSERT_EQ(table.rows.size(), 12u);
  for (size_t i = 0; i < 12; ++i) {
    EXPECT_EQ(table.rows[i][6], expected[i]) << i;
    EXPECT_NEAR(std::stod(table.rows[i][5]) + std::stod(table.rows[i][6]),
                std::stod(table.rows[i][7]), 1.6e-4);
  }
  EXPECT_EQ(table.rows[7][4], "cos(1 / 10000^(2/4))");
}

TEST(WalkThrough, AWordThatMovesDiffersOnlyAfterTheSum) {
  const Embedder embedder = small_embedder();
  const rill::inspect::Table table = moved_table(embedder.encode("King and Queen are awesome."),
                                                 embedder.encode("Queen and King are awesome."));
  ASSERT_EQ(table.rows.size(), 5u);
  // |PE(2) − PE(0)|² = 2 (1 − cos 2) + 2 (1 − cos 0.02) = 1.68306²
  EXPECT_EQ(table.rows[0], (std::vector<std::string>{"King", "0", "2", "0.0000", "1.6831"}));
  EXPECT_EQ(table.rows[1], (std::vector<std::string>{"and", "1", "1", "0.0000", "0.0000"}));
  EXPECT_EQ(table.rows[2], (std::vector<std::string>{"Queen", "2", "0", "0.0000", "1.6831"}));
}

TEST(WalkThrough, SaysWhereAnEncodingLeavesItsBoundsOrCoincides) {
  const rill::Tensor good = rill::nn::sinusoidal_table(50, 8, {.dtype = rill::float64});
  EXPECT_NE(verdict(check(good), good).find("all lie in [-1, 1]"), std::string::npos);
  EXPECT_NE(verdict(check(good), good).find("no two of the 50 positions"), std::string::npos);
  const rill::Tensor bad = rill::tensor({{0.0, 2.0}, {1.0, 1.0}, {1.0, 1.0}});
  EXPECT_NE(verdict(check(bad), bad).find("do NOT all lie"), std::string::npos);
  EXPECT_NE(verdict(check(bad), bad).find("SOME of the 3 positions coincide"), std::string::npos);
}

TEST(WalkThrough, DotProductsDependOnTheDistanceAlone) {
  const rill::Tensor table = rill::nn::sinusoidal_table(20, 4, {.dtype = rill::float64});
  EXPECT_NEAR(dot_products(table, 5)[7], -0.4161468 + 0.9998000, 1e-6);  // cos 2 + cos 0.02
  EXPECT_NEAR(dot_products(table, 5)[5], 2, 1e-12);
  for (int64_t apart = 0; apart < 20; ++apart) EXPECT_LT(unevenness(table, apart), 1e-12);
  EXPECT_DOUBLE_EQ(unevenness(rill::tensor({{1.0, 0.0}, {1.0, 0.0}, {2.0, 0.0}}), 1),
                   1);  // 1·1 and 1·2
}

TEST(WalkThrough, ThePageShowsTheNumbersComputed) {
  if (!rill::testing::has_browser()) GTEST_SKIP() << rill::testing::no_browser;
  const std::string folder = temporary_folder();
  const Outcome run = run_example("walk_through --dim 6 --length 300 --out-dir " + folder);
  ASSERT_EQ(run.exit_code, 0) << run.errors;
  const nlohmann::json seen = rill::testing::evaluate_in_browser(folder + "/walk_through.html", R"({
    sum: cells("sum"), moved: cells("moved"),
    dots: rill.views.dots.data("lines").map((d) => [d.line, d.x, d.y]),
    waves: rill.views.waves.data("lines").map((d) => [d.line, d.x, d.y])})");
  ASSERT_EQ(seen["sum"].size(), 13u);
  for (const auto& cell : seen["sum"][12])
    EXPECT_NE(run.output.find(cell.get<std::string>()), std::string::npos) << cell;
  EXPECT_EQ(seen["moved"][1][4], "1.6831");
  ASSERT_EQ(seen["dots"].size(), 600u);
  // From the middle, 150, at distance 1: cos 1 + cos 10000^(−1/3) + cos 10000^(−2/3)
  EXPECT_EQ(seen["dots"][300 + 151][1], 1);
  EXPECT_NEAR(seen["dots"][300 + 151][2].get<double>(), 0.5403023 + 0.9989230 + 0.9999977, 1e-6);
  EXPECT_NEAR(seen["waves"][20][2].get<double>(), 0.8414710, 1e-6);  // sin 1
}

TEST(WalkThrough, AWrongCallIsOneLineExitTwoAndNothingWritten) {
  for (const char* flags : {"--nonsense", "--dim 7", "--dim x", "--length 1", "--length 50258"}) {
    const std::string folder = temporary_folder() + "/out";
    const Outcome run = run_example("walk_through --out-dir " + folder + " " + flags);
    EXPECT_EQ(run.exit_code, 2) << flags << ": " << run.errors;
    EXPECT_EQ(std::count(run.errors.begin(), run.errors.end(), '\n'), 1) << run.errors;
    EXPECT_FALSE(std::filesystem::exists(folder)) << flags;
  }
}

TEST(WalkThrough, AFolderThatCannotBeMadeIsToldFirst) {
  const Outcome run = run_example("walk_through --out-dir /proc/none");
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_EQ(run.output, "");
  EXPECT_EQ(run.errors.find("walk_through: cannot write to the folder /proc/none: "), 0u)
      << run.errors;
}

}  // namespace
}  // namespace walk_through
