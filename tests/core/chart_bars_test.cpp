#include <gtest/gtest.h>

#include <algorithm>

#include <rill/core/inspect/chart.h>
#include <rill/core/ops.h>

#include "tests/core/chart_json.h"
#include "tests/support/expect.h"

namespace rill::inspect {
namespace {

using testing::expect_error;

BarChart some_bars() {
  return {.title = "Accuracy",
          .x = {"encoding"},
          .y = {"accuracy", "%"},
          .bars = {{"none", 50, 48, 52}, {"rotary", 99.5}}};
}

TEST(BarChart, HoldsItsBarsAndWhiskersFromZero) {
  const std::string spec = some_bars().json();
  EXPECT_EQ(values_of(spec, "bars"), json::parse(R"([
    {"bar": "none", "group": "", "value": 50.0, "low": 48.0, "high": 52.0},
    {"bar": "rotary", "group": "", "value": 99.5}])"));
  EXPECT_EQ(named(json::parse(spec)["scales"], "y")["domain"], json({0.0, 99.5}));
}

TEST(BarChart, ABarWithoutANumberKeepsItsPlace) {
  BarChart chart = some_bars();
  chart.bars[1].value = nan;
  const std::string spec = chart.json();
  EXPECT_EQ(values_of(spec, "bars")[1]["value"], nullptr);
  EXPECT_EQ(named(json::parse(spec)["scales"], "x")["domain"], json({"none", "rotary"}));
}

TEST(BarChart, SpansBarsWhiskersAndRules) {
  BarChart chart = some_bars();
  chart.bars = {{"a", -2, -3, -1}, {"b", 1, 0.5, 4}};
  EXPECT_EQ(named(json::parse(chart.json())["scales"], "y")["domain"], json({-3.0, 4.0}));
  chart.rules = {{"best", 7}};
  EXPECT_EQ(named(json::parse(chart.json())["scales"], "y")["domain"], json({-3.0, 7.0}));
}

TEST(BarChart, NamesStandAslantWhereTheyHaveNoRoom) {
  BarChart chart = some_bars();
  chart.width = 140;  // 70 for each of two bars: ten letters of 7
  chart.bars = {{"a", 1}, {"abcdefghij", 2}};
  const auto x_axis = [&] { return json::parse(chart.json())["axes"][0]; };
  EXPECT_FALSE(x_axis().contains("labelAngle"));
  EXPECT_EQ(x_axis()["labelOverlap"], false) << "every bar has its name";
  EXPECT_EQ(x_axis()["ticks"], false);
  chart.width = 139;
  EXPECT_EQ(x_axis()["labelAngle"], -35);
  EXPECT_EQ(x_axis()["labelAlign"], "right");
}

TEST(BarChart, ItsLegendLeavesRoomForTheValues) {
  BarChart chart = some_bars();
  EXPECT_TRUE(json::parse(chart.json())["legends"].empty()) << "of a single group";
  chart.bars[1].group = "late";
  const auto offset = [&] { return json::parse(chart.json())["legends"][0]["offset"]; };
  chart.show_values = true;
  EXPECT_EQ(offset(), 26);
  chart.show_values = false;
  EXPECT_EQ(offset(), 12);
}

TEST(BarChart, ValuesAreWrittenWhereAsked) {
  BarChart chart = some_bars();
  const auto texts = [&] {
    const json marks = json::parse(chart.json())["marks"];
    return std::ranges::count_if(marks, [](const json& mark) { return mark["type"] == "text"; });
  };
  chart.show_values = true;
  EXPECT_EQ(texts(), 1);
  chart.show_values = false;
  EXPECT_EQ(texts(), 0);
}

TEST(BarChart, BarsStandOnTheNumberNextToZero) {
  BarChart chart = some_bars();
  const auto base = [&] { return named(json::parse(chart.json())["signals"], "base")["value"]; };
  EXPECT_EQ(base(), 0.0);
  chart.y.domain = Range{40, 100};
  EXPECT_EQ(base(), 40.0);
  chart.y.domain = Range{-100, -40};
  EXPECT_EQ(base(), -40.0);
}

/// No bar begins at 0 there.
TEST(BarChart, OnALogarithmicAxisValuesAreDots) {
  BarChart chart = some_bars();
  const auto first = [&] { return json::parse(chart.json())["marks"][0]["type"]; };
  EXPECT_EQ(first(), "rect");
  chart.y.log = true;
  EXPECT_EQ(first(), "symbol");
}

TEST(BarChart, RefusesWhatCannotBeDrawn) {
  BarChart chart = some_bars();
  chart.bars.push_back(chart.bars[0]);
  expect_error<ValueError>([&] { chart.json(); }, {"two bars", "none"});
  chart.bars.back().group = "second";
  EXPECT_NO_THROW(chart.json());
  chart.bars[0].low.reset();
  expect_error<ValueError>([&] { chart.json(); }, {"none", "low and high"});
  chart = some_bars();
  chart.rules = {{"here", 1, true}};
  expect_error<ValueError>([&] { chart.json(); }, {"here", "vertical"});
  expect_error<ValueError>([] { BarChart{.title = "Empty"}.json(); }, {"Empty"});
}

}  // namespace
}  // namespace rill::inspect
