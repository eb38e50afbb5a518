#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include <rill/core/inspect/chart.h>
#include <rill/core/ops.h>

#include "tests/core/chart_json.h"
#include "tests/support/expect.h"

namespace rill::inspect {
namespace {

using testing::expect_error;

LineChart some_lines() {
  return {.title = "Loss",
          .x = {"step"},
          .y = {"loss", "nats"},
          .lines = {{"train", {0, 10}, {3.25, 1.5}},
                    {"validation", {0, 10}, {3.5, 1.75}, {3.25, 1.5}, {3.75, 2.0}}},
          .rules = {{"uniform", 3.3}}};
}

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
}

TEST(LineChart, AnUnnamedLineAloneNeedsNoLegend) {
  LineChart chart = some_lines();
  chart.lines = {{"", {0, 1}, {0, 1}}};
  EXPECT_TRUE(json::parse(chart.json())["legends"].empty());
}

TEST(LineChart, NamesStandAtTheEndsOfLinesBesideTheirLastNumbers) {
  LineChart chart = some_lines();
  chart.lines[0].y[1] = nan;
  const std::string spec = chart.json();
  EXPECT_TRUE(json::parse(spec)["legends"].empty());
  EXPECT_EQ(values_of(spec, "ends"), json::parse(R"([
    {"name": "train", "y": 3.25, "x": 0.0}, {"name": "validation", "y": 1.75, "x": 10.0},
    {"name": "uniform", "y": 3.3, "rule": true}])"));
}

TEST(LineChart, ALegendStandsAboveInRowsOfSixWhereNamesHaveNoRoomAtTheEnds) {
  LineChart chart = some_lines();
  chart.height = 30;  // three names, 15 pixels apart
  EXPECT_TRUE(json::parse(chart.json())["legends"].empty());
  chart.height = 29;
  json legend = json::parse(chart.json())["legends"][0];
  EXPECT_EQ(legend["columns"], 2);
  EXPECT_EQ(legend["stroke"], "color");
  EXPECT_EQ(legend["strokeDash"], "dash");
  EXPECT_EQ(legend["orient"], "top");
  EXPECT_EQ(legend["symbolType"], "stroke");
  EXPECT_EQ(values_of(chart.json(), "ends").size(), 1u) << "the rule";
  for (const char* name : {"3", "4", "5", "6", "7"}) chart.lines.push_back({name, {0, 1}, {0, 1}});
  EXPECT_EQ(json::parse(chart.json())["legends"][0]["columns"], 6);
}

TEST(LineChart, AnEncodingHasItsColourAndDashInAnyCompany) {
  LineChart chart = some_lines();
  const auto style_of = [&](const std::string& name) {
    const json scales = json::parse(chart.json())["scales"];
    const json names = named(scales, "color")["domain"];
    const auto at = std::find(names.begin(), names.end(), name) - names.begin();
    return json{named(scales, "color")["range"][at], named(scales, "dash")["range"][at]};
  };
  chart.lines = {{"t5", {0, 1}, {0, 1}}, {"alibi", {0, 1}, {0, 1}}};
  const json before = style_of("alibi");
  chart.lines = {{"train", {0, 1}, {0, 1}}, {"rotary", {0, 1}, {0, 1}}, {"alibi", {0, 1}, {0, 1}}};
  EXPECT_EQ(style_of("alibi"), before);
  EXPECT_NE(style_of("rotary"), before);
}

TEST(LineChart, FewWholePlacesAreTheTicks) {
  LineChart chart = some_lines();
  const auto ticks = [&] { return json::parse(chart.json())["axes"][0].value("values", json()); };
  chart.lines = {{"one", {64, 32}, {1, 2}}, {"two", {32, 128}, {1, 2}}};
  EXPECT_EQ(ticks(), json({32.0, 64.0, 128.0}));
  chart.lines = {{"one", {0, 0.5}, {1, 2}}};
  EXPECT_EQ(ticks(), json());
  chart.lines = {{"one", {1, 2, 3, 4, 5, 6, 7, 8, 9}, {1, 2, 3, 4, 5, 6, 7, 8, 9}}};
  EXPECT_EQ(ticks(), json());
}

TEST(LineChart, AnAxisOfWholeNumbersHasNoTicksBetweenThem) {
  LineChart chart = some_lines();
  const auto axis = [&](int number) { return json::parse(chart.json())["axes"][number]; };
  EXPECT_EQ(axis(0)["tickMinStep"], 1);
  EXPECT_EQ(axis(0)["orient"], "bottom");
  EXPECT_EQ(axis(0)["grid"], true);
  EXPECT_EQ(axis(0)["tickCount"]["signal"], "max(2, floor(width / 80))");
  EXPECT_FALSE(axis(1).contains("tickMinStep"));
  EXPECT_EQ(axis(1)["orient"], "left");
  EXPECT_EQ(axis(1)["tickCount"]["signal"], "max(2, floor(height / 45))");
  chart.lines = {{"train", {1, 10}, {1, 2}}};
  chart.rules = {};
  EXPECT_EQ(axis(1)["tickMinStep"], 1);
  chart.y.log = true;
  EXPECT_FALSE(axis(1).contains("tickMinStep"));
}

TEST(LineChart, ALineIsCutWhereADomainIsGiven) {
  LineChart chart = some_lines();
  const auto lines = [&] {
    const json marks = json::parse(chart.json())["marks"];
    return *std::ranges::find_if(marks, [](const json& mark) { return mark["type"] == "group"; });
  };
  for (const int drawn : {0, 1}) EXPECT_EQ(lines()["marks"][drawn]["clip"], false);
  EXPECT_FALSE(lines().contains("encode"));
  chart.x.domain = Range{0, 5};
  for (const int drawn : {0, 1}) EXPECT_EQ(lines()["marks"][drawn]["clip"], true);
  EXPECT_TRUE(lines().contains("encode"));
}

TEST(LineChart, ALineOfOnePointShowsThePoint) {
  LineChart chart = some_lines();
  chart.lines = {{"one", {1}, {2}}, {"two", {1, 2}, {2, 3}}};
  EXPECT_EQ(values_of(chart.json(), "lines")[0]["point"], true);
  EXPECT_FALSE(values_of(chart.json(), "lines")[1].contains("point"));
  chart.lines[1].points = true;
  EXPECT_EQ(values_of(chart.json(), "lines")[2]["point"], true);
}

TEST(LineChart, MarksHaveTheColourOfTheirLine) {
  LineChart chart = some_lines();
  const auto fill = [&] {
    const json marks = json::parse(chart.json())["marks"];
    for (const json& mark : marks)
      if (mark.contains("from") && mark["from"].value("data", "") == "marks" &&
          mark["type"] == "symbol")
        return mark["encode"]["update"].value("fill", json());
    return json("no mark");
  };
  EXPECT_EQ(fill(), "no mark");
  chart.marks = {{1, 2, "here", ""}};
  EXPECT_FALSE(fill().dump().find("line") != std::string::npos) << fill();
  chart.marks.push_back({1, 3, "there", "train"});
  EXPECT_NE(fill().dump().find("line"), std::string::npos) << fill();
  chart.marks.push_back({nan, 3, "nowhere", "train"});
  EXPECT_EQ(values_of(chart.json(), "marks"), json::parse(R"([
    {"x": 1.0, "y": 2.0, "label": "here", "line": ""},
    {"x": 1.0, "y": 3.0, "label": "there", "line": "train"}])"));
}

TEST(LineChart, WhatThePointerTellsHasEveryNameOnce) {
  LineChart chart = some_lines();
  chart.x.title = "loss";
  chart.y.title = "loss";
  const std::string spec = chart.json();
  EXPECT_NE(spec.find(R"(\"loss\": datum.x, \"loss (2)\": datum.y)"), std::string::npos) << spec;
}

TEST(LineChart, ThePointerTellsOfBandsOnlyWhereTheyAre) {
  const std::string spec = some_lines().json();
  EXPECT_NE(spec.find(R"(isValid(datum.low) && datum.low !== '' ? {\"low\": datum.low} : {})"),
            std::string::npos)
      << spec;
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

}  // namespace
}  // namespace rill::inspect
