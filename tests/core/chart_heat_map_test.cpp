#include <gtest/gtest.h>

#include <rill/core/inspect/chart.h>
#include <rill/core/ops.h>

#include "tests/core/chart_json.h"
#include "tests/support/expect.h"

namespace rill::inspect {
namespace {

using testing::expect_error;

HeatMap some_cells() {
  return {.title = "Sum",
          .x = {"dimension"},
          .y = {"word"},
          .values = tensor({{1.0, 2.0, 3.0}, {4.0, 5.0, 6.0}})};
}

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

TEST(HeatMap, ManyCellsShareTheirPixels) {
  HeatMap map = some_cells();
  map.width = 300;
  map.values = zeros({2, 2000});
  EXPECT_EQ(json::parse(map.json())["width"], 2000);
  map.values = zeros({2, 2001});
  EXPECT_EQ(json::parse(map.json())["width"], 300);
}

TEST(HeatMap, ManyCellsAreDrawnOnACanvas) {
  HeatMap map = some_cells();
  map.values = zeros({4, 1000});
  EXPECT_EQ(json::parse(map.json())["usermeta"]["renderer"], "svg");
  map.values = zeros({1, 4001});
  EXPECT_EQ(json::parse(map.json())["usermeta"]["renderer"], "canvas");
}

TEST(HeatMap, NamesStandAslantOrGiveWayWhereTheyHaveNoRoom) {
  HeatMap map = some_cells();
  map.width = 42;  // 14 pixels a column: two letters of 7
  map.height = 26;
  const auto axis = [&](int number) { return json::parse(map.json())["axes"][number]; };
  EXPECT_EQ(axis(0)["labelOverlap"], true) << "of numbers";
  map.column_names = {"a", "bc", "d"};
  map.row_names = {"a name that is long", "b"};
  EXPECT_FALSE(axis(0).contains("labelAngle"));
  EXPECT_EQ(axis(1)["labelOverlap"], false) << "with 13 pixels";
  EXPECT_FALSE(axis(1).contains("labelAngle"));
  map.column_names[1] = "bcd";
  EXPECT_EQ(axis(0)["labelAngle"], -45);
  EXPECT_EQ(axis(0)["labelAlign"], "right");
  map.height = 24;
  EXPECT_EQ(axis(1)["labelOverlap"], true) << "with 12 pixels";
}

TEST(HeatMap, ItsLegendIsNoLongerThanTheMap) {
  HeatMap map = some_cells();
  map.value = {"loss", "nats"};
  map.height = 100;
  json legend = json::parse(map.json())["legends"][0];
  EXPECT_EQ(legend["gradientLength"], 100);
  EXPECT_EQ(legend["title"], "loss [nats]");
  map.height = 400;
  EXPECT_EQ(json::parse(map.json())["legends"][0]["gradientLength"], 200);
}

TEST(HeatMap, NumbersStandInForNames) {
  const json signals = json::parse(some_cells().json())["signals"];
  EXPECT_EQ(named(signals, "x_names")["value"], json({"0", "1", "2"}));
  EXPECT_EQ(named(signals, "columns")["value"], 3);
  EXPECT_EQ(named(signals, "rows")["value"], 2);
}

TEST(HeatMap, ValuesAreWrittenWhereAsked) {
  HeatMap map = some_cells();
  EXPECT_EQ(json::parse(map.json())["marks"].size(), 1u);
  map.show_values = true;
  EXPECT_EQ(json::parse(map.json())["marks"][1]["type"], "text");
}

TEST(HeatMap, DivergingColoursHaveZeroInTheMiddle) {
  HeatMap map = some_cells();
  EXPECT_EQ(named(json::parse(map.json())["scales"], "color")["domain"], json({1.0, 6.0}));
  EXPECT_EQ(named(json::parse(map.json())["scales"], "color")["range"], "heatmap");
  map.colors = Colors::diverging;
  EXPECT_EQ(named(json::parse(map.json())["scales"], "color")["range"], "diverging");
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
}  // namespace rill::inspect
