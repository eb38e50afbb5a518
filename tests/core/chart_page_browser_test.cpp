#include <gtest/gtest.h>

#include <cmath>

#include <rill/core/inspect/page.h>
#include <rill/core/ops.h>

#include "tests/support/page_in_browser.h"

// What a page of charts answers to a pointer, a finger, keys and a narrow screen.

namespace rill::inspect {
namespace {

using nlohmann::json;

/// press(id, x, y, type) puts a pointer on a place of the chart, key(id, name) presses a key there;
/// both give what is told: [[name, value], ...], null where nothing is.
const char* const helpers = R"js((() => {
  const drawing = (id) => document.querySelector(`[data-chart="${id}"] .drawing`);
  const told = () => {
    const tip = document.querySelector(".tip");
    return tip.hidden ? null : [...tip.children].map((row) => {
      const name = row.querySelector("b").textContent;
      return [name.trim(), row.textContent.slice(name.length)];
    });
  };
  globalThis.press = (id, x, y, pointerType = "mouse", type = "pointermove") => {
    const {left, top} = drawing(id).firstElementChild.getBoundingClientRect();
    const [dx, dy] = rill.views[id].origin();
    drawing(id).dispatchEvent(new PointerEvent(type,
        {clientX: left + dx + x, clientY: top + dy + y, pointerType, bubbles: true}));
    return told();
  };
  globalThis.key = (id, name) => {
    drawing(id).focus();
    drawing(id).dispatchEvent(new KeyboardEvent("keydown", {key: name, bubbles: true}));
    return told();
  };
})(), )js";

class ChartPage : public testing::PageInBrowser {
 protected:
  json evaluate(const Page& page, const std::string& expression,
                testing::BrowserOptions options = {}) const {
    return PageInBrowser::evaluate(page, helpers + expression, options);
  }
};

LineChart two_lines() {
  return {.title = "Loss",
          .x = {.title = "step", .domain = Range{0, 10}},
          .y = {.title = "loss", .domain = Range{0, 4}},
          .lines = {{"train", {0, 5, 10}, {1.23456789, 2, 0.000012345678}},
                    {"validation", {0, 5, 10}, {3, 3.5, 3}, {2, 3, 2}, {4, 4, 4}}},
          .width = 400,
          .height = 200};
}

TEST_F(ChartPage, ThePointerAnywhereTellsOfTheNearestPointInFourDigits) {
  const json seen = evaluate(Page("Lines").chart("loss", two_lines()), R"([
    press("loss", 60, 100), press("loss", 320, 190), press("loss", 20, 10),
    press("loss", 20, 10, "mouse", "pointerleave")])");
  EXPECT_EQ(seen[0], json::parse(R"([["step", "0"], ["loss", "1.235"], ["line", "train"]])"));
  EXPECT_EQ(seen[1], json::parse(R"([["step", "10"], ["loss", "0.00001235"], ["line", "train"]])"));
  EXPECT_EQ(seen[2], json::parse(R"([["step", "0"], ["loss", "3"], ["line", "validation"],
                                     ["low", "2"], ["high", "4"]])"));
  EXPECT_EQ(seen[3], nullptr);
}

TEST_F(ChartPage, AFingerTellsAndWhatItToldStaysUntilItTouchesElsewhere) {
  const json seen = evaluate(Page("Lines").chart("loss", two_lines()), R"([
    press("loss", 60, 100, "touch", "pointerdown"), press("loss", 60, 100, "touch", "pointerleave"),
    (document.body.dispatchEvent(new PointerEvent("pointerdown", {bubbles: true})),
     document.querySelector(".tip").hidden)])");
  EXPECT_EQ(seen[0][2], json({"line", "train"}));
  EXPECT_EQ(seen[1], seen[0]) << "a finger that is lifted leaves too";
  EXPECT_EQ(seen[2], true);
}

/// A chart that is none of rill's kinds.
struct BareChart {
  std::string json() const {
    return R"({"$schema": "https://vega.github.io/schema/vega/v5.json", "width": 600, "height": 40,
               "marks": [{"type": "rect", "encode": {"enter": {"width": {"value": 600},
                          "height": {"value": 40}, "fill": {"value": "gray"}}}}]})";
  }
};

TEST_F(ChartPage, AnyChartIsDrawnAlsoWhereItIsWiderThanThePage) {
  const json seen = evaluate(Page("Bare").chart("bare", BareChart()), R"([
    document.querySelector(".error") === null, document.querySelector("[data-chart=bare] .drawing path") !== null,
    document.querySelector("details") === null, press("bare", 10, 10)])",
                             {.width = 390});
  EXPECT_EQ(seen, json::parse("[true, true, true, null]"));
}

TEST_F(ChartPage, ArrowKeysGoAlongALineAndToTheOther) {
  const json seen = evaluate(Page("Lines").chart("loss", two_lines()), R"(
    ["ArrowRight", "ArrowRight", "ArrowUp", "ArrowRight", "ArrowRight", "ArrowDown", "Home", "End", "Tab",
     "Escape"].map((name) => key("loss", name)).map((told) => told && [told[0][1], told[2][1]]))");
  EXPECT_EQ(seen, json::parse(R"([["0", "train"], ["5", "train"], ["5", "validation"],
    ["10", "validation"], ["10", "validation"], ["10", "train"], ["0", "train"], ["10", "train"],
    ["10", "train"], null])"));
}

TEST_F(ChartPage, BarsCellsAndPointsAreToldOfToo) {
  const Page page =
      Page("All")
          .chart("bars", BarChart{.x = {"encoding"},
                                  .y = {.title = "accuracy", .domain = Range{0, 100}},
                                  .bars = {{"none", 50.123456}, {"rotary", 90, 80, 100}},
                                  .rules = {{"chance", 50}},
                                  .width = 200,
                                  .height = 100})
          .chart("cells", HeatMap{.x = {"dimension"},
                                  .y = {"word"},
                                  .value = {"cosine"},
                                  .values = tensor({{1.0, 2.0}, {3.0, 0.123456}}, float64),
                                  .row_names = {"King", "and"},
                                  .width = 100,
                                  .height = 100})
          .chart("points",
                 ScatterChart{
                     .x = {"first"}, .y = {"second"}, .points = {{1, 2, "king"}, {3, 4, "queen"}}});
  const json seen =
      evaluate(page, R"([press("bars", 50, 2), press("bars", 150, 50), press("cells", 70, 70),
    key("cells", "ArrowLeft"), key("cells", "ArrowUp"), press("points", 0, 400)])");
  EXPECT_EQ(seen[0], json::parse(R"([["bar", "none"], ["accuracy", "50.12"]])"));
  EXPECT_EQ(seen[1], json::parse(R"([["bar", "rotary"], ["accuracy", "90"], ["low", "80"],
                                     ["high", "100"]])"));
  EXPECT_EQ(seen[2], json::parse(R"([["word", "and"], ["dimension", "1"], ["cosine", "0.1235"]])"));
  EXPECT_EQ(seen[3], json::parse(R"([["word", "and"], ["dimension", "0"], ["cosine", "3"]])"));
  EXPECT_EQ(seen[4], json::parse(R"([["word", "King"], ["dimension", "0"], ["cosine", "1"]])"));
  EXPECT_EQ(seen[5], json::parse(R"([["first", "1"], ["second", "2"], ["point", "king"]])"));
}

TEST_F(ChartPage, ARuleIsToldOfWhereNoPointIsNear) {
  LineChart chart = two_lines();
  chart.rules = {{"uniform", 2.5}};
  const json seen = evaluate(Page("Rule").chart("loss", chart), R"(press("loss", 300, 76))");
  EXPECT_EQ(seen, json::parse(R"([["rule", "uniform"], ["at", "2.5"]])"));
}

// ---- names at the ends ------------------------------------------------------------------------

TEST_F(ChartPage, NamesAtTheEndsKeepApartAndWithinTheChart) {
  LineChart chart{.y = {.title = "y", .domain = Range{0, 10}}, .height = 100};
  for (const auto& [name, y] : std::vector<std::pair<std::string, double>>{
           {"a", 5}, {"b", 5.1}, {"c", 5.05}, {"low", 0}, {"lower", 0.1}, {"high", 10}})
    chart.lines.push_back({name, {0, 1}, {1, y}});
  chart.rules = {{"rule", 5.2}};
  const json seen = evaluate(Page("Ends").chart("ends", chart), R"(
    drawn("ends", "text").map((i) => [i.text, i.y]))");
  ASSERT_EQ(seen.size(), 7u);
  const std::vector<std::string> order = {"high", "rule", "b", "c", "a", "lower", "low"};
  for (size_t i = 0; i < order.size(); ++i) {
    EXPECT_EQ(seen[i][0], order[i]) << seen;
    EXPECT_GE(seen[i][1].get<double>(), -1e-9) << seen;
    EXPECT_LE(seen[i][1].get<double>(), 100 + 1e-9) << seen;
    if (i > 0) {
      EXPECT_GE(seen[i][1].get<double>() - seen[i - 1][1].get<double>(), 15 - 1e-9) << seen;
    }
  }
}

TEST_F(ChartPage, NamesWithRoomStandWhereTheirLinesEnd) {
  LineChart chart{.y = {.title = "y", .domain = Range{0, 10}}, .height = 100};
  chart.lines = {{"a", {0, 1}, {1, 2}}, {"b", {0, 1}, {1, 5}}};
  chart.rules = {{"rule", 9}};
  const json seen = evaluate(Page("Ends").chart("ends", chart), R"(
    drawn("ends", "text").map((i) => [i.text, Math.round(i.y * 1000) / 1000]))");
  EXPECT_EQ(seen, json::parse(R"([["rule", 10], ["b", 50], ["a", 80]])"));
}

TEST_F(ChartPage, CloseNamesGiveWayToBothSidesAndByLogarithms) {
  LineChart chart{.y = {.title = "y", .domain = Range{0, 10}}, .height = 100};
  chart.lines = {{"", {0, 1}, {0, 10}}};
  chart.rules = {{"a", 5}, {"b", 5.1}, {"far", 0}};
  const char* const rules =
      R"(drawn("ends", "text").map((i) => [i.text, Math.round(i.y * 1000) / 1000]))";
  // b would stand at pixel 49, a at 50: 14 are missing to 15.
  EXPECT_EQ(evaluate(Page("Ends").chart("ends", chart), rules),
            json::parse(R"([["b", 42], ["a", 57], ["far", 100]])"));
  chart.y = {.title = "y", .log = true, .domain = Range{1, 100}};
  chart.rules = {{"a", 10}, {"b", 100}};
  EXPECT_EQ(evaluate(Page("Ends").chart("ends", chart), rules),
            json::parse(R"([["b", 0], ["a", 50]])"));
}

// ---- numbers ----------------------------------------------------------------------------------

TEST_F(ChartPage, ItsNumbersAreATableOneClickAway) {
  LineChart lines = two_lines();
  lines.rules = {{"uniform", 2.5}};
  const Page page =
      Page("Numbers")
          .chart("loss", lines)
          .chart("bars", BarChart{.x = {"encoding"}, .y = {"loss"}, .bars = {{"none", 2.5, 2, 3}}})
          .chart("cells", HeatMap{.x = {"dimension"},
                                  .y = {"word"},
                                  .values = tensor({{1.0, std::nan("")}}, float64)})
          .chart("points", ScatterChart{.x = {"x"}, .y = {"y"}, .points = {{1, 2, "king", "he"}}});
  const json seen = evaluate(page, R"((async () => {
    const found = {closed: document.querySelectorAll(".numbers td").length};
    for (const details of document.querySelectorAll("details.numbers")) {
      details.querySelector("summary").click();
      await new Promise((done) => setTimeout(done, 50));
      found[details.parentElement.dataset.chart] = [...details.querySelectorAll("tr")].map(
          (row) => [...row.children].map((cell) => cell.textContent).join("|"));
    }
    found.rules = document.querySelector(".numbers").lastElementChild.textContent;
    return found;
  })())");
  EXPECT_EQ(seen["closed"], 0);
  EXPECT_EQ(seen["loss"], json({"step|train|validation", "0|1.23457|3 (2 … 4)", "5|2|3.5 (3 … 4)",
                                "10|0.0000123457|3 (2 … 4)"}));
  EXPECT_EQ(seen["rules"], "uniform: 2.5");
  EXPECT_EQ(seen["bars"], json({"encoding|loss", "none|2.5 (2 … 3)"}));
  EXPECT_EQ(seen["cells"], json({"word \\ dimension|0|1", "0|1|–"}));
  EXPECT_EQ(seen["points"], json({"|x|y", "he king|1|2"}));
}

// ---- narrow screens ---------------------------------------------------------------------------

Page wide_page() {
  LineChart lines = two_lines();
  lines.title = "A title that is longer than a telephone is wide, and tells what the lines show";
  lines.x.title = "what stands below is long as well, so that it takes more than a line there";
  lines.lines[0].name = "decoder.layers.0.self_attention";
  lines.width = 640;
  BarChart bars{.title = "Bars", .x = {"encoding"}, .y = {"loss"}};
  for (const char* name : {"none", "sinusoidal", "sinusoidal_t2t", "learned", "rotary",
                           "rotary_interleaved", "alibi", "t5"})
    bars.bars.push_back({name, 98.7654});
  HeatMap named{.title = "Words",
                .x = {"word"},
                .y = {"word"},
                .value = {"cosine"},
                .values = rand({7, 7}),
                .show_values = true};
  for (const char* word : {"Transformers", "are", "awesome", "and", "King", "Queen", "."}) {
    named.row_names.push_back(word);
    named.column_names.push_back(word);
  }
  return Page("Wide")
      .text("Some text")
      .chart("lines", lines)
      .chart("bars", bars)
      .chart("words", named)
      .chart(
          "map",
          HeatMap{
              .title = "Many", .x = {"dimension"}, .y = {"position"}, .values = rand({100, 64})});
}

TEST_F(ChartPage, FitsATelephoneAndAScreenInLightAndDark) {
  for (const int width : {390, 1400})
    for (const bool dark : {false, true}) {
      const json seen =
          evaluate(wide_page(), testing::faults_of_layout, {.dark = dark, .width = width});
      EXPECT_EQ(seen, (json{{"width", width},
                            {"wide", std::min(0, seen["wide"].get<int>())},
                            {"cut", json::array()},
                            {"outside", json::array()},
                            {"collide", json::array()},
                            {"pale", json::array()}}))
          << dark;
    }
}

TEST_F(ChartPage, OnATelephoneLongNamesOfLinesBecomeALegendBelow) {
  const char* const names = R"({
    ends: drawn("lines", "text").filter((i) => i.text).length,
    legend: [...document.querySelectorAll(".legend span")].map((e) => e.textContent),
    width: rill.views.lines.width(), cells: rill.views.map.width() / 64})";
  json seen = evaluate(wide_page(), names, {.width = 1400});
  EXPECT_EQ(seen["ends"], 2);
  EXPECT_EQ(seen["legend"], json::array());
  seen = evaluate(wide_page(), names, {.width = 390});
  EXPECT_EQ(seen["ends"], 0);
  EXPECT_EQ(seen["legend"], json({"decoder.layers.0.self_attention", "validation"}));
  EXPECT_GE(seen["width"], 200);
  EXPECT_EQ(seen["cells"], std::floor(seen["cells"].get<double>())) << "whole pixels";
}

}  // namespace
}  // namespace rill::inspect
