#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "examples/walk_through/report.h"
#include "examples/walk_through/waves.h"
#include "rill/core/ops.h"
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
  ASSERT_EQ(seen["dots"].size(), 129u + 257u);  // up to a distance of 128
  // From the middle, 150, at distance 1: cos 1 + cos 10000^(−1/3) + cos 10000^(−2/3)
  EXPECT_EQ(seen["dots"][129 + 129][1], 1);
  EXPECT_NEAR(seen["dots"][129 + 129][2].get<double>(), 0.5403023 + 0.9989230 + 0.9999977, 1e-6);
  EXPECT_NEAR(seen["waves"][20][2].get<double>(), 0.8414710, 1e-6);  // sin 1
}

TEST(WalkThrough, ALongTableShowsItsFirstRowsAndSaysSo) {
  const rill::Tensor table = rill::nn::sinusoidal_table(50257, 128, {.dtype = rill::float64});
  const rill::inspect::HeatMap map = heat_map(table);
  EXPECT_EQ(map.title, "The first 256 of 50257 positions × 128 dimensions");
  EXPECT_EQ(map.values.shape(), (rill::Shape{256, 128}));
  EXPECT_EQ(map.row_names[255], "255");
  EXPECT_LE((map.values - table.narrow(0, 0, 256)).abs().max().item(), 5.1e-5);
  EXPECT_LT(map.json().size(), 400000u);
  EXPECT_EQ(heat_map(table.narrow(0, 0, 256)).title, "256 positions × 128 dimensions");
}

TEST(WalkThrough, AWideTableShowsTheHandsItNames) {
  const rill::Tensor table = rill::nn::sinusoidal_table(300, 1024, {.dtype = rill::float64});
  const rill::inspect::HeatMap map = heat_map(table);
  EXPECT_EQ(map.title, "The first 256 of 300 positions × 1024 dimensions, 2 of every 16");
  ASSERT_EQ(map.column_names.size(), 128u);
  for (int64_t column = 0; column < 128; ++column) {
    const int64_t k = std::stoll(map.column_names[static_cast<size_t>(column)]);
    EXPECT_EQ(k, column / 2 * 16 + column % 2);
    EXPECT_NEAR(map.values[7][column].item(), table[7][k].item(), 5.1e-5);
  }
}

TEST(WalkThrough, DotProductsAreDrawnAtEveryDistanceOrNotAtAll) {
  const rill::Tensor table = rill::nn::sinusoidal_table(1000, 2, {.dtype = rill::float64});
  const rill::inspect::LineChart chart = dot_chart(table);
  EXPECT_EQ(chart.title, "Dot product against distance, up to 128 of 999");
  ASSERT_EQ(chart.lines.size(), 2u);
  for (const rill::inspect::Line& line : chart.lines) {
    EXPECT_EQ(line.x.back(), 128);
    for (size_t i = 0; i < line.x.size(); ++i) {
      EXPECT_EQ(line.x[i], line.x[0] + static_cast<double>(i));
      EXPECT_NEAR(line.y[i], std::cos(line.x[i]), 1e-9);
    }
  }
  EXPECT_EQ(chart.lines[1].x[0], -128);
  EXPECT_EQ(dot_chart(table.narrow(0, 0, 129)).title, "Dot product against distance");
}

TEST(WalkThrough, APageOfManyPositionsStaysLight) {
  if (!rill::testing::has_browser()) GTEST_SKIP() << rill::testing::no_browser;
  const std::string folder = temporary_folder();
  const Outcome run = run_example("walk_through --length 50257 --out-dir " + folder);
  ASSERT_EQ(run.exit_code, 0) << run.errors;
  const nlohmann::json seen = rill::testing::evaluate_in_browser(folder + "/walk_through.html", R"({
    elements: document.querySelectorAll("*").length,
    data: [...document.querySelectorAll("script[data-spec]")].map((spec) => spec.textContent.length)
        .reduce((a, b) => a + b),
    rows: rill.views.large.data("cells").length})");
  EXPECT_LT(seen["elements"], 5000);
  EXPECT_LT(seen["data"], 600000);
  EXPECT_EQ(seen["rows"], 256 * 128);
}

TEST(WalkThrough, WavelengthsReachFromTwoPiToTenThousandTimesThat) {
  const rill::inspect::Table four = wavelength_table(8, 100);
  ASSERT_EQ(four.rows.size(), 4u);
  EXPECT_EQ(four.rows[0],
            (std::vector<std::string>{"0", "0 and 1", "1.000000", "6.2832", "15.9155"}));
  EXPECT_EQ(four.rows[3],
            (std::vector<std::string>{"3", "6 and 7", "0.001000", "6283.1853", "0.0159"}));
  for (const int64_t d : {2, 4, 20, 128, 1024}) {
    const rill::inspect::Table table = wavelength_table(d, 10);
    EXPECT_LE(table.rows.size(), 10u) << d;
    EXPECT_EQ(table.rows[0][0], "0");
    EXPECT_EQ(table.rows.back()[0], std::to_string(d / 2 - 1));
  }
  EXPECT_NE(longest_wave(128).find("62831.8531"), std::string::npos);
}

TEST(WalkThrough, ASmallBaseHasNoSlowHandAndALargeOneManyThatStandStill) {
  // Of hands 0 to 63 at 100000^(−i/64): 1000 < 2π 100000^(i/64) from i = 29 on, 1000 < 2π/100 ...
  // from 54 on.
  const rill::inspect::Table table = base_table(128, 1000);
  ASSERT_EQ(table.rows.size(), 6u);
  EXPECT_EQ(table.rows[0][2], "0 of 64");
  EXPECT_EQ(table.rows[4],
            (std::vector<std::string>{"100000", "524873.8", "35 of 64", "10 of 64", "1.7751"}));
}

TEST(WalkThrough, AStepIsAsFarFromEveryPositionInSinesAndNotInDigits) {
  const rill::inspect::Table steps = step_table(4);
  // |PE(p + 1) − PE(p)|² = 2 (1 − cos 1) + 2 (1 − cos 0.01) = 0.95890²
  for (const auto& row : steps.rows) EXPECT_EQ(row[3], "0.9589") << row[0];
  EXPECT_EQ(steps.rows[0][2], "1.0000");  // 110 to 111
  EXPECT_EQ(steps.rows[1][2], "2.0000");  // 0111 to 1000
  EXPECT_EQ(steps.rows[3][1], "01111 to 10000");
  const rill::inspect::Table slope = slope_table(4);
  EXPECT_EQ(slope.rows.back()[2], "1.0000");  // √(1 + 0.01²) = 1.00005, rounded
  EXPECT_EQ(slope.rows[0][1].substr(0, 6), "0.9589");
}

TEST(WalkThrough, SlowWavesAreDrawnToTheirEndAndNoneByTooFewPoints) {
  const rill::inspect::LineChart chart = long_wave_chart(small_embedder().encode("King and Queen"));
  ASSERT_EQ(chart.lines.size(), 2u);  // hand 0 turns 100 times there
  EXPECT_EQ(chart.lines[0].name, "dimension 2");
  EXPECT_NEAR(chart.lines[0].x.back(), 628.3185, 1e-3);
  EXPECT_NEAR(chart.lines[0].y[60], 1, 1e-9);  // a quarter of a turn
  EXPECT_NEAR(chart.lines[1].y[120], -1, 1e-9);
  rill::manual_seed(3);
  const rill::inspect::LineChart many = long_wave_chart(Embedder({"a"}, 64).encode("a"));
  for (const rill::inspect::Line& line : many.lines) {
    size_t turns = 0;
    for (size_t i = 1; i < line.y.size(); ++i) turns += line.y[i - 1] < 0 && line.y[i] >= 0;
    EXPECT_GE(line.x.size(), 10 * turns) << line.name;
  }
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
