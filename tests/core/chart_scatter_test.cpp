#include <gtest/gtest.h>

#include <rill/core/inspect/chart.h>
#include <rill/core/ops.h>

#include "tests/core/chart_json.h"
#include "tests/support/expect.h"

namespace rill::inspect {
namespace {

using testing::expect_error;

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

}  // namespace
}  // namespace rill::inspect
