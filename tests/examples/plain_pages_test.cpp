#include <gtest/gtest.h>

#include <cmath>

#include <rill/core/detail/system_memory.h>
#include <rill/core/ops.h>

#include "examples/04_two_moons/report.h"
#include "examples/07_own_encoding/report.h"
#include "examples/segments/report.h"
#include "examples/segments/summed.h"
#include "run_program.h"
#include "tests/support/browser.h"

// The pages of plain examples. What they say comes from the numbers.

namespace {

using namespace rill;
using rill::testing::evaluate_in_browser;
using rill::testing::Outcome;
using rill::testing::run_example;
using rill::testing::temporary_folder;

bool says(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

moons::Findings four_points(const Tensor& logits) {
  return {.losses = {0.5, 0.25},
          .plane = tensor({{-1.0, 0.0, 1.0}, {0.0, 0.0, 0.0}}),
          .xy = tensor({{0.0, 1.0}, {1.0, 1.0}, {0.0, -0.5}, {1.0, -0.5}}),
          .label = tensor({{0.0}, {0.0}, {1.0}, {1.0}}),
          .logits = logits};
}

TEST(TwoMoonsPage, CountsMistakesAndThoseOfWhichItWasSure) {
  const moons::Findings findings = four_points(tensor({{-1.0}, {3.0}, {-2.0}, {1.0}}));
  const std::string said = moons::conclusion(findings);
  EXPECT_TRUE(says(said, "from 0.5000 to 0.2500")) << said;
  EXPECT_TRUE(says(said, "Of 4 points that it has not seen 2 are told wrongly")) << said;
  EXPECT_TRUE(says(said, "1 of them with more than 90 %")) << "3 is 95 %, −2 is 88 %: " << said;
  const std::string none = moons::conclusion(four_points(tensor({{-1.0}, {-1.0}, {1.0}, {1.0}})));
  EXPECT_TRUE(says(none, " 0 are told wrongly.")) << none;
}

TEST(TwoMoonsPage, ShowsProbabilitiesAndWhichPointsAreToldWrongly) {
  const moons::Findings findings = four_points(tensor({{-1.0}, {3.0}, {-2.0}, {1.0}}));
  EXPECT_NEAR(moons::plane_map(findings).values[0][2].item(), 1 / (1 + std::exp(-1)), 1e-6);
  EXPECT_EQ(moons::plane_map(findings).row_names, (std::vector<std::string>{"1.5", "-1.0"}));
  EXPECT_EQ(moons::plane_map(findings).column_names,
            (std::vector<std::string>{"-1.5", "0.5", "2.5"}));
  std::vector<std::string> groups;
  for (const inspect::Point& point : moons::points_chart(findings).points)
    groups.push_back(point.group);
  EXPECT_EQ(groups, (std::vector<std::string>{"first crescent", "first crescent, told wrongly",
                                              "second crescent, told wrongly", "second crescent"}));
  EXPECT_EQ(moons::points_chart(findings).points[2].y, -0.5);
}

own_encoding::Findings biases(const Tensor& trained) {
  return {
      .losses = {2, 1}, .drawn = zeros(3), .trained = trained, .scores = ones({3, 3}), .wanted = 1};
}

TEST(OwnEncodingPage, SaysWhichDistanceIsHeardMostAndWhetherItIsTheOneAskedFor) {
  const std::string found = own_encoding::conclusion(biases(tensor({-1.0, 1.0, 0.0})));
  EXPECT_TRUE(says(found, "The largest bias, 1.00, is that of distance 1")) << found;
  EXPECT_TRUE(says(found, "at least 2 times")) << "e^(1 − 0) = 2.7: " << found;
  EXPECT_TRUE(says(found, "That is the distance that the task asks for")) << found;
  const std::string not_found = own_encoding::conclusion(biases(tensor({-1.0, 0.0, 1.0})));
  EXPECT_TRUE(says(not_found, "The task asks for another one.")) << not_found;
}

TEST(OwnEncodingPage, LeavesOutWordsThatComeLater) {
  const Tensor shown = own_encoding::score_map(biases(zeros(3))).values;
  for (const int64_t query : {0, 1, 2})
    for (const int64_t key : {0, 1, 2})
      EXPECT_EQ(std::isnan(shown[query][key].item()), key > query) << query << " " << key;
}

TEST(SegmentsPage, EqualWordsShareTheirTokenRowAndSentencesTheirSegmentRow) {
  const segments::Summed summed = segments::who_is_king();
  ASSERT_EQ(summed.words[3], "king");
  ASSERT_EQ(summed.words[7], "king");
  EXPECT_TRUE(equal(summed.token[3], summed.token[7]));
  EXPECT_FALSE(allclose(summed.position[3], summed.position[7]));
  EXPECT_TRUE(equal(summed.segment[0], summed.segment[5]));
  EXPECT_FALSE(allclose(summed.segment[5], summed.segment[6]));
  EXPECT_TRUE(equal(summed.segment[6], summed.segment[11]));
}

TEST(SegmentsPage, TheLastMapIsTheSumOfTheOthersInTheSameColours) {
  const std::vector<inspect::HeatMap> maps = segments::heat_maps(segments::who_is_king());
  ASSERT_EQ(maps.size(), 4u);
  EXPECT_TRUE(
      allclose(maps[3].values, maps[0].values + maps[1].values + maps[2].values, 1e-6, 1e-6));
  for (const inspect::HeatMap& map : maps)
    EXPECT_GE(map.value.domain->high, map.values.abs().max().item() - 1e-6) << map.title;
}

TEST(SegmentsPage, CountsTheWordsThatAreTheSameVectorAgain) {
  segments::Summed summed;
  summed.words = {"a", "b", "a", "b"};
  summed.token = tensor({{1.0}, {2.0}, {1.0}, {2.0}});
  summed.position = tensor({{0.0}, {1.0}, {4.0}, {1.0}});
  summed.segment = tensor({{5.0}, {5.0}, {5.0}, {7.0}});
  EXPECT_EQ(
      segments::twice_table(summed).rows,
      (std::vector<std::vector<std::string>>{{"a", "0 and 2", "0.0000", "4.0000", "4.0000"},
                                             {"b", "1 and 3", "0.0000", "0.0000", "2.0000"}}));
  const std::string said = segments::conclusion(summed);
  EXPECT_TRUE(says(said, "2 words stand there twice. By token alone 2 of them")) << said;
  EXPECT_TRUE(says(said, "with the segment 1, with the position 1, with both 0.")) << said;
}

TEST(SegmentsPage, SaysWhatTheSegmentsAreWorthAndWhetherItIsAGuessWithoutThem) {
  const auto said = [](double with, double without) {
    return segments::conclusion({{"with", {1, 2}, {60, with}}, {"without", {1, 2}, {50, without}}});
  };
  EXPECT_TRUE(says(said(99, 50.4), "make a difference of 48.6 points")) << said(99, 50.4);
  EXPECT_TRUE(says(said(99, 50.4), "it is a guess")) << said(99, 50.4);
  EXPECT_TRUE(says(said(90, 88), "make no difference")) << said(90, 88);
  EXPECT_FALSE(says(said(90, 88), "guess")) << said(90, 88);
}

TEST(SegmentsPage, ADealShowsEachCardInTheHandThatHoldsIt) {
  const Tensor shown = segments::deal_map(tensor({7, 3, 9}), tensor({0, 1, 1})).values;
  EXPECT_EQ(shown[0][0].item(), 7);
  EXPECT_EQ(shown[1][1].item(), 3);
  EXPECT_EQ(shown[1][2].item(), 9);
  EXPECT_TRUE(std::isnan(shown[0][1].item()) && std::isnan(shown[1][0].item()));
}

void expect_fits_a_telephone(const std::string& page) {
  for (const bool dark : {false, true})
    EXPECT_LE(evaluate_in_browser(page, "document.documentElement.scrollWidth",
                                  {.dark = dark, .width = 390}),
              390)
        << page;
}

TEST(PlainPages, ShowTheirChartsAndWhatWasPrinted) {
  if (!rill::testing::has_browser()) GTEST_SKIP() << rill::testing::no_browser;
  const std::string folder = temporary_folder();
  const Outcome moons = run_example("04_two_moons --out-dir " + folder);
  ASSERT_EQ(moons.exit_code, 0) << moons.errors;
  const nlohmann::json seen = evaluate_in_browser(folder + "/two_moons.html", R"({
    cells: drawn("plane", "rect").length, points: drawn("points", "symbol").length,
    said: document.querySelector("main p, p").textContent})");
  EXPECT_GE(seen["cells"], 14 * 56);
  EXPECT_GE(seen["points"], 512);
  EXPECT_TRUE(says(moons.output, seen["said"])) << seen;
  const Outcome own = run_example("07_own_encoding --out-dir " + folder);
  ASSERT_EQ(own.exit_code, 0) << own.errors;
  EXPECT_GE(
      evaluate_in_browser(folder + "/own_encoding.html", R"(drawn("distances", "rect").length)"),
      14);
}

TEST(PlainPages, SegmentsShowsTheSumAndTheDistancesPrinted) {
  if (!rill::testing::has_browser()) GTEST_SKIP() << rill::testing::no_browser;
  if (rill::detail::is_sanitized) GTEST_SKIP() << "trainings take minutes under the sanitizers";
  const std::string folder = temporary_folder();
  const Outcome run = run_example("segments --out-dir " + folder);
  ASSERT_EQ(run.exit_code, 0) << run.errors;
  const nlohmann::json seen = evaluate_in_browser(folder + "/segments.html", R"({
    maps: ["token", "position", "segment", "sum"].map((id) => drawn(id, "rect").length),
    table: cells("twice")})");
  for (const auto& cells : seen["maps"]) EXPECT_GE(cells, 12 * 8);
  ASSERT_EQ(seen["table"].size(), 5u);
  for (const auto& cell : seen["table"][2]) EXPECT_TRUE(says(run.output, cell)) << cell;
  expect_fits_a_telephone(folder + "/segments.html");
}

}  // namespace
