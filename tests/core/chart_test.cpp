#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include <nlohmann/json.hpp>

#include <rill/core/inspect/chart.h>
#include <rill/core/ops.h>

#include "tests/support/expect.h"

namespace rill {
namespace {

using nlohmann::json;
using testing::expect_error;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double inf = std::numeric_limits<double>::infinity();

/// The item of the specification's list `list` that has this name.
json named(const json& list, const std::string& name) {
  for (const json& item : list)
    if (item.value("name", "") == name) return item;
  ADD_FAILURE() << "there is no " << name << " in " << list;
  return {};
}

json values_of(const std::string& spec, const std::string& data) {
  return named(json::parse(spec)["data"], data)["values"];
}

LineChart some_lines() {
  return {.title = "Loss",
          .x = {"step"},
          .y = {"loss", "nats"},
          .lines = {{"train", {0, 10}, {3.25, 1.5}},
                    {"validation", {0, 10}, {3.5, 1.75}, {3.25, 1.5}, {3.75, 2.0}}},
          .rules = {{"uniform", 3.3}}};
}

BarChart some_bars() {
  return {.title = "Accuracy",
          .x = {"encoding"},
          .y = {"accuracy", "%"},
          .bars = {{"none", 50, 48, 52}, {"rotary", 99.5}}};
}

HeatMap some_cells() {
  return {
      .title = "Sum", .x = {"dimension"}, .y = {"word"}, .values = tensor({{1, 2, 3}, {4, 5, 6}})};
}

// ---- lines ---------------------------------------------------------------------------------

TEST(LineChart, HoldsTheNumbersOfEachLineInOrder) {
  EXPECT_EQ(values_of(some_lines().json(), "lines"), json::parse(R"([
    {"line": "train", "x": 0.0, "y": 3.25}, {"line": "train", "x": 10.0, "y": 1.5},
    {"line": "validation", "x": 0.0, "y": 3.5, "low": 3.25, "high": 3.75},
    {"line": "validation", "x": 10.0, "y": 1.75, "low": 1.5, "high": 2.0}])"));
}

TEST(LineChart, NumbersReadBackAsTheSameBits) {
  LineChart chart = some_lines();
  const std::vector<double> values = {0.1, 1e-300, 1.8812345678901234, -2.0 / 3};
  chart.lines = {{"train", {0, 1, 2, 3}, values}};
  const json written = values_of(chart.json(), "lines");
  for (size_t i = 0; i < values.size(); ++i) EXPECT_EQ(written[i]["y"].get<double>(), values[i]);
}

TEST(LineChart, NamesItsAxesWithTheirUnits) {
  const json spec = json::parse(some_lines().json());
  EXPECT_EQ(spec["title"], "Loss");
  EXPECT_EQ(spec["axes"][0]["title"], "step");
  EXPECT_EQ(spec["axes"][1]["title"], "loss [nats]");
  EXPECT_EQ(named(spec["scales"], "color")["domain"], json({"train", "validation"}));
  EXPECT_EQ(spec["legends"].size(), 1u);
}

TEST(LineChart, AnUnnamedLineAloneNeedsNoLegend) {
  LineChart chart = some_lines();
  chart.lines = {{"", {0, 1}, {0, 1}}};
  EXPECT_TRUE(json::parse(chart.json())["legends"].empty());
}

TEST(LineChart, SpansLinesBandsRulesAndMarks) {
  LineChart chart = some_lines();
  chart.marks = {{12, 1, "end", "train"}};
  const json scales = json::parse(chart.json())["scales"];
  EXPECT_EQ(named(scales, "x")["domain"], json({0.0, 12.0}));
  EXPECT_EQ(named(scales, "y")["domain"], json({1.0, 3.75}));
  EXPECT_EQ(named(scales, "y")["nice"], true);
}

TEST(LineChart, ADomainThatIsGivenStays) {
  LineChart chart = some_lines();
  chart.y.domain = Range{0, 5};
  const json scale = named(json::parse(chart.json())["scales"], "y");
  EXPECT_EQ(scale["domain"], json({0.0, 5.0}));
  EXPECT_EQ(scale["nice"], false);
}

TEST(LineChart, WhatIsNoFiniteNumberIsNullAndDoesNotWidenTheDomain) {
  LineChart chart = some_lines();
  chart.lines = {{"train", {0, 1, 2, 3}, {2, nan, inf, 1}}};
  chart.rules = {{"broken", nan}, {"uniform", 1.5}};
  const std::string spec = chart.json();
  EXPECT_EQ(values_of(spec, "lines")[1]["y"], nullptr);
  EXPECT_EQ(values_of(spec, "lines")[2]["y"], nullptr);
  EXPECT_EQ(values_of(spec, "rules").size(), 1u);
  EXPECT_EQ(named(json::parse(spec)["scales"], "y")["domain"], json({1.0, 2.0}));
}

TEST(LineChart, ALogarithmicAxisLeavesOutWhatIsNotAboveZero) {
  LineChart chart = some_lines();
  chart.y.log = true;
  chart.rules = {};
  chart.lines = {{"train", {0, 1, 2}, {0, -1, 100}}};
  const std::string spec = chart.json();
  EXPECT_EQ(values_of(spec, "lines")[0]["y"], nullptr);
  EXPECT_EQ(values_of(spec, "lines")[1]["y"], nullptr);
  EXPECT_EQ(values_of(spec, "lines")[2]["y"], 100.0);
  EXPECT_EQ(named(json::parse(spec)["scales"], "y")["type"], "log");
}

TEST(LineChart, NumbersThatAreAllEqualStillSpanARange) {
  LineChart chart = some_lines();
  chart.rules = {};
  chart.lines = {{"train", {0, 1}, {2, 2}}};
  EXPECT_EQ(named(json::parse(chart.json())["scales"], "y")["domain"], json({1.5, 2.5}));
  chart.lines = {{"train", {0, 1}, {-200, -200}}};
  EXPECT_EQ(named(json::parse(chart.json())["scales"], "y")["domain"], json({-220.0, -180.0}));
}

TEST(LineChart, OneNumberOnALogarithmicAxisStandsBetweenItsHalfAndItsDouble) {
  LineChart chart = some_lines();
  chart.rules = {};
  chart.y.log = true;
  chart.lines = {{"train", {0, 1}, {3, 3}}};
  EXPECT_EQ(named(json::parse(chart.json())["scales"], "y")["domain"], json({1.5, 6.0}));
}

TEST(LineChart, NamesOfCloseRulesAreMovedApart) {
  LineChart chart = some_lines();
  chart.height = 100;
  chart.lines = {{"train", {0, 1}, {0, 10}}};
  chart.rules = {{"a", 5}, {"b", 5.1}, {"far", 0}};
  const json rules = values_of(chart.json(), "rules");  // the highest first
  ASSERT_EQ(rules.size(), 3u);
  EXPECT_EQ(rules[0]["rule"], "b");
  // b stands at pixel 49, a at 50: 14 are missing to 15.
  EXPECT_NEAR(rules[0]["shift"].get<double>(), -7, 1e-9);
  EXPECT_NEAR(rules[1]["shift"].get<double>(), 7, 1e-9);
  EXPECT_NEAR(rules[2]["shift"].get<double>(), 0, 1e-9);
}

TEST(LineChart, NamesThatAreMovedPushOthersBeforeThem) {
  LineChart chart = some_lines();
  chart.height = 100;
  chart.lines = {{"train", {0, 1}, {0, 10}}};
  chart.rules = {{"at 30", 7}, {"at 46", 5.4}, {"at 49", 5.1}};
  const json rules = values_of(chart.json(), "rules");
  ASSERT_EQ(rules.size(), 3u);
  // 46 and 49 give way to 40 and 55; the name at 30 goes with the former.
  EXPECT_NEAR(rules[0]["shift"].get<double>(), -6, 1e-9);
  EXPECT_NEAR(rules[1]["shift"].get<double>(), -6, 1e-9);
  EXPECT_NEAR(rules[2]["shift"].get<double>(), 6, 1e-9);
}

TEST(LineChart, RulesOnALogarithmicAxisAreApartByTheirLogarithms) {
  LineChart chart = some_lines();
  chart.height = 100;
  chart.y.log = true;
  chart.lines = {{"train", {0, 1}, {1, 100}}};
  chart.rules = {{"a", 10}, {"b", 20}};  // at pixels 50 and 35, as near as names may stand
  for (const json& rule : values_of(chart.json(), "rules"))
    EXPECT_LT(std::abs(rule["shift"].get<double>()), 0.1) << rule;
}

TEST(LineChart, VerticalRulesStandOnX) {
  LineChart chart = some_lines();
  chart.rules = {{"trained to here", 20, true}};
  const std::string spec = chart.json();
  EXPECT_EQ(values_of(spec, "vertical_rules")[0]["value"], 20.0);
  EXPECT_EQ(named(json::parse(spec)["scales"], "x")["domain"], json({0.0, 20.0}));
}

TEST(LineChart, RefusesWhatDoesNotFitTogether) {
  LineChart chart = some_lines();
  chart.lines[0].y.push_back(1);
  expect_error<ShapeError>([&] { chart.json(); }, {"train", "2", "3"});
  chart = some_lines();
  chart.lines[1].low.pop_back();
  expect_error<ShapeError>([&] { chart.json(); }, {"validation", "band"});
  chart = some_lines();
  chart.lines[1].name = "train";
  expect_error<ValueError>([&] { chart.json(); }, {"two lines", "train"});
  chart = some_lines();
  chart.marks = {{0, 0, "here", "elsewhere"}};
  expect_error<ValueError>([&] { chart.json(); }, {"here", "elsewhere"});
  chart = some_lines();
  chart.lines.clear();
  expect_error<ValueError>([&] { chart.json(); }, {"Loss", "no line"});
}

TEST(LineChart, RefusesAnEmptyDomain) {
  LineChart chart = some_lines();
  chart.y.domain = Range{2, 2};
  expect_error<ValueError>([&] { chart.json(); }, {"loss", "2 to 2"});
  chart.y = {.title = "loss", .log = true, .domain = Range{0, 2}};
  expect_error<ValueError>([&] { chart.json(); }, {"0 to 2", "logarithmic"});
}

TEST(LineChart, TextThatIsNoUtf8IsReplaced) {
  LineChart chart = some_lines();
  chart.title = "a\xff";
  chart.x.title = "b\xff";
  chart.lines[0].name = "c\xff";
  const json spec = json::parse(chart.json());
  EXPECT_EQ(spec["title"], "a\xEF\xBF\xBD");
  EXPECT_EQ(spec["axes"][0]["title"], "b\xEF\xBF\xBD");
  EXPECT_EQ(named(spec["scales"], "color")["domain"][0], "c\xEF\xBF\xBD");
}

// ---- points --------------------------------------------------------------------------------

TEST(ScatterChart, HoldsItsPointsAndGroups) {
  const ScatterChart chart{
      .points = {{1, 2, "king", "royal"}, {3, nan, "gone"}, {5, 6, "and", "other"}}};
  const std::string spec = chart.json();
  EXPECT_EQ(values_of(spec, "points"), json::parse(R"([
    {"x": 1.0, "y": 2.0, "label": "king", "group": "royal"},
    {"x": 5.0, "y": 6.0, "label": "and", "group": "other"}])"));
  EXPECT_EQ(named(json::parse(spec)["scales"], "color")["domain"], json({"royal", "", "other"}));
  expect_error<ValueError>([] { ScatterChart{.title = "Words"}.json(); }, {"Words", "no point"});
}

TEST(ScatterChart, SpansPointsAndRulesWithRoomAroundThem) {
  ScatterChart chart{.points = {{1, 2, "king"}, {3, 4, "queen"}},
                     .rules = {{"left", -1, true}, {"above", 9}}};
  json spec = json::parse(chart.json());
  EXPECT_EQ(named(spec["scales"], "x")["domain"], json({-1.0, 3.0}));
  EXPECT_EQ(named(spec["scales"], "y")["domain"], json({2.0, 9.0}));
  EXPECT_TRUE(spec["legends"].empty()) << "of a single group";
  for (const char* axis : {"x", "y"}) {
    EXPECT_EQ(named(spec["scales"], axis)["nice"], true);
    EXPECT_EQ(named(spec["scales"], axis)["padding"], 12);
  }
  chart.points[0].group = "he";
  chart.y.domain = Range{0, 10};
  spec = json::parse(chart.json());
  EXPECT_EQ(spec["legends"].size(), 1u);
  EXPECT_FALSE(named(spec["scales"], "y").contains("padding")) << "beside a domain that is given";
  EXPECT_FALSE(named(spec["scales"], "color").contains("padding"));
}

// ---- bars ----------------------------------------------------------------------------------

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
  chart.width = 139;
  EXPECT_EQ(x_axis()["labelAngle"], -35);
  EXPECT_EQ(x_axis()["labelAlign"], "right");
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

// ---- heat maps -----------------------------------------------------------------------------

TEST(HeatMap, HoldsAListForEachRow) {
  EXPECT_EQ(values_of(some_cells().json(), "cells"), json::parse(R"([
    {"row": 0, "values": [1.0, 2.0, 3.0]}, {"row": 1, "values": [4.0, 5.0, 6.0]}])"));
}

TEST(HeatMap, TakesViewsAndOtherDtypes) {
  HeatMap map = some_cells();
  map.values = map.values.to(float64).transpose(0, 1);
  EXPECT_EQ(values_of(map.json(), "cells")[2]["values"], json({3.0, 6.0}));
}

TEST(HeatMap, CellsHaveWholePixels) {
  HeatMap map = some_cells();
  map.width = 100;
  map.height = 81;
  const json spec = json::parse(map.json());
  EXPECT_EQ(spec["width"], 99);
  EXPECT_EQ(spec["height"], 82);
}

TEST(HeatMap, DivergingColoursHaveZeroInTheMiddle) {
  HeatMap map = some_cells();
  EXPECT_EQ(named(json::parse(map.json())["scales"], "color")["domain"], json({1.0, 6.0}));
  map.colors = Colors::diverging;
  EXPECT_EQ(named(json::parse(map.json())["scales"], "color")["domain"], json({-6.0, 6.0}));
  map.value.domain = Range{-1, 1};
  EXPECT_EQ(named(json::parse(map.json())["scales"], "color")["domain"], json({-1.0, 1.0}));
}

TEST(HeatMap, ACellThatIsNoNumberIsNull) {
  HeatMap map = some_cells();
  map.values = log(tensor({{1.0, 0.0, -1.0}}));
  EXPECT_EQ(values_of(map.json(), "cells")[0]["values"], json({0.0, nullptr, nullptr}));
}

TEST(HeatMap, NamesMayRepeat) {
  HeatMap map = some_cells();
  map.row_names = {"and", "and"};
  EXPECT_EQ(named(json::parse(map.json())["signals"], "y_names")["value"], json({"and", "and"}));
}

TEST(HeatMap, RefusesWhatDoesNotFit) {
  HeatMap map = some_cells();
  map.row_names = {"one"};
  expect_error<ShapeError>([&] { map.json(); }, {"2 rows", "1 name"});
  map = some_cells();
  map.values = zeros({3});
  expect_error<ShapeError>([&] { map.json(); }, {"Sum", "[rows, columns]", "[3]"});
  map.values = {};
  expect_error<ShapeError>([&] { map.json(); }, {"undefined"});
  map.values = zeros({0, 3});
  expect_error<ShapeError>([&] { map.json(); }, {"[0, 3]"});
  map = some_cells();
  map.value.log = true;
  expect_error<ValueError>([&] { map.json(); }, {"logarithm"});
  map = some_cells();
  map.x.domain = Range{0, 1};
  expect_error<ValueError>([&] { map.json(); }, {"narrow"});
}

}  // namespace
}  // namespace rill
