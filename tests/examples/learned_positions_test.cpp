#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <csignal>
#include <filesystem>

#include <rill/core/detail/system_memory.h>

#include "examples/learned_positions/report.h"
#include "examples/learned_positions/similarity.h"
#include "run_program.h"
#include "tests/support/browser.h"

namespace learned_positions {
namespace {

using rill::testing::Outcome;
using rill::testing::run_example;
using rill::testing::temporary_folder;

TEST(LearnedPositions, ACosineIsThatOfTheAngleWhateverTheLengths) {
  const rill::Tensor map = cosines(rill::tensor({{1.0, 0.0}, {3.0, 3.0}, {0.0, -5.0}}));
  EXPECT_EQ(map.shape(), (rill::Shape{3, 3}));
  EXPECT_NEAR(map[0][0].item(), 1, 1e-12);
  EXPECT_NEAR(map[0][1].item(), std::sqrt(0.5), 1e-7);  // 45 degrees
  EXPECT_NEAR(map[1][2].item(), -std::sqrt(0.5), 1e-7);
  EXPECT_NEAR(map[2][0].item(), 0, 1e-12);
}

TEST(LearnedPositions, TakesMeanAndDeviationOverAllPairsAtADistance) {
  const rill::Tensor map = rill::tensor({{1.0, 0.5, 0.25}, {0.5, 1.0, -0.5}, {0.25, -0.5, 1.0}});
  EXPECT_DOUBLE_EQ(similarity_at(map, 1).mean, 0);
  EXPECT_DOUBLE_EQ(similarity_at(map, 1).spread, 0.5);
  EXPECT_DOUBLE_EQ(similarity_at(map, 2).mean, 0.25);
  EXPECT_DOUBLE_EQ(similarity_at(map, 2).spread, 0);
}

TEST(LearnedPositions, AmongSinusoidsTheDistanceAloneDecides) {
  const std::vector<Map> maps = maps_of({.drawn = rill::eye(4), .trained = rill::eye(4)});
  // The waves of d = 4 turn by 1 and by 0.01 with each position.
  EXPECT_NEAR(similarity_at(maps[2].cosines, 1).mean, (std::cos(1) + std::cos(0.01)) / 2, 1e-6);
  EXPECT_LT(similarity_at(maps[2].cosines, 1).spread, 1e-6);
  EXPECT_EQ(maps[1].name, "trained");
  EXPECT_DOUBLE_EQ(similarity_at(maps[1].cosines, 1).mean, 0);
}

/// A map whose positions so far apart have this cosine.
Map map_of(const std::vector<double>& by_distance) {
  const auto n = static_cast<int64_t>(by_distance.size());
  const rill::Tensor cosines = rill::zeros({n, n}, rill::float64);
  for (int64_t i = 0; i < n; ++i)
    for (int64_t j = 0; j < n; ++j)
      cosines[i][j].fill_(by_distance[static_cast<size_t>(std::abs(i - j))]);
  return {"map", cosines};
}

TEST(LearnedPositions, SaysHowFarPositionsAreTheLessAlikeTheFartherApart) {
  const auto said = [](const std::vector<double>& by_distance) {
    return conclusions({map_of(by_distance)},
                       {.drawn = rill::ones({4, 2}), .trained = rill::ones({4, 2})})[1];
  };
  EXPECT_NE(said({1, 0.5, 0.25, 0}).find("The farther apart, the less alike: 0.00 at 3."),
            std::string::npos);
  const std::string rising = said({1, 0.5, -0.25, 0.75});
  EXPECT_NE(rising.find("Up to 2 apart, where it is -0.25"), std::string::npos) << rising;
  EXPECT_EQ(rising.find("The farther apart, the less"), std::string::npos) << rising;
  EXPECT_EQ(said({1, 0, 0.5, 1}).find("apart they are"), std::string::npos);
}

TEST(LearnedPositions, ASinglePairHasNoSpread) {
  const rill::inspect::Table table = distance_table({map_of({1, 0.5})});
  EXPECT_EQ(table.rows, (std::vector<std::vector<std::string>>{{"1", "0.50"}}));
  EXPECT_TRUE(std::isnan(distance_chart({map_of({1, 0.5, 0.25})}).lines[0].low[1]));
  EXPECT_FALSE(std::isnan(distance_chart({map_of({1, 0.5, 0.25})}).lines[0].low[0]));
}

TEST(LearnedPositions, NeighboursBecomeAlike) {
  if (rill::detail::is_sanitized) GTEST_SKIP() << "trainings take minutes under the sanitizers";
  const Outcome run = run_example("learned_positions --out-dir " + temporary_folder());
  ASSERT_EQ(run.exit_code, 0) << run.errors;
  const auto mean_of = [&](const std::string& name) {
    const std::string label = name + ": neighbours have a mean cosine of ";
    const size_t at = run.output.find(label);
    EXPECT_NE(at, std::string::npos) << run.output;
    return std::stod(run.output.substr(at + label.size()));
  };
  EXPECT_NEAR(mean_of("as drawn"), 0, 0.1);
  EXPECT_GT(mean_of("trained"), 0.6);
  EXPECT_NEAR(mean_of("sinusoidal"), 0.96, 0.01);
}

TEST(LearnedPositions, ThePageShowsTheNumbersPrinted) {
  if (!rill::testing::has_browser()) GTEST_SKIP() << rill::testing::no_browser;
  const std::string folder = temporary_folder();
  const Outcome run =
      run_example("learned_positions --max-iters 3 --block-size 9 --out-dir " + folder);
  ASSERT_EQ(run.exit_code, 0) << run.errors;
  const nlohmann::json seen =
      rill::testing::evaluate_in_browser(folder + "/learned_positions.html", R"({
    table: cells("distance"),
    lines: rill.views.distance.data("lines").map((d) => [d.line, d.x, d.y]),
    map: rill.views.sinusoidal.data("cells").map((d) => d.value)})");
  ASSERT_EQ(seen["table"].size(), 5u);  // distances 1, 2, 4, 8
  ASSERT_EQ(seen["lines"].size(), 3u * 8);
  ASSERT_EQ(seen["map"].size(), 81u);
  for (size_t i = 1; i < 5; ++i)
    for (size_t j = 1; j < 4; ++j) {
      const std::string cell = seen["table"][i][j];
      EXPECT_NE(run.output.find(cell), std::string::npos) << cell;
      const size_t point = 8 * (j - 1) + (size_t{1} << (i - 1)) - 1;
      EXPECT_EQ(seen["lines"][point][0], seen["table"][0][j]);
      EXPECT_NEAR(seen["lines"][point][2].get<double>(), std::stod(cell), 0.0051);
    }
  EXPECT_NEAR(seen["map"][1].get<double>(), seen["lines"][16][2].get<double>(), 1e-6);
}

TEST(LearnedPositions, ASignalEndsItWithAPage) {
  const std::string folder = temporary_folder();
  const Outcome run = rill::testing::signal_example(
      "learned_positions --max-iters 1000000000 --block-size 9 --out-dir " + folder,
      {{"step     0", SIGINT}});
  EXPECT_EQ(run.exit_code, 128 + SIGINT) << run.output;
  EXPECT_NE(run.output.find("\nStopped after step "), std::string::npos) << run.output;
  EXPECT_TRUE(std::filesystem::exists(folder + "/learned_positions.html"));
}

TEST(LearnedPositions, AWrongCallIsOneLineExitTwoAndNothingWritten) {
  for (const char* flags : {"--nonsense", "--block-size 1", "--max-iters x", "--text /nowhere"}) {
    const std::string folder = temporary_folder() + "/out";
    const Outcome run = run_example("learned_positions --out-dir " + folder + " " + flags);
    EXPECT_EQ(run.exit_code, 2) << flags << ": " << run.errors;
    EXPECT_EQ(std::count(run.errors.begin(), run.errors.end(), '\n'), 1) << run.errors;
    EXPECT_FALSE(std::filesystem::exists(folder)) << flags;
  }
}

}  // namespace
}  // namespace learned_positions
