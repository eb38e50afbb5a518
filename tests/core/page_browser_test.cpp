#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>

#include <rill/core/inspect/page.h>
#include <rill/core/ops.h>

#include "tests/support/page_in_browser.h"

namespace rill::inspect {
namespace {

using nlohmann::json;
using testing::evaluate_in_browser;
using testing::PageInBrowser;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

LineChart some_lines() {
  return {.title = "Loss",
          .x = {"step"},
          .y = {.title = "loss", .unit = "nats", .domain = Range{0, 4}},
          .lines = {{"train", {0, 5, 10}, {3.1, nan, 0.1}},
                    {"validation", {0, 5, 10}, {3, 2, 1}, {2, 1, 0}, {4, 3, 2}}},
          .rules = {{"uniform", 3}, {"here", 5, true}},
          .marks = {{5, 2, "best", "validation"}},
          .width = 400,
          .height = 200};
}

TEST_F(PageInBrowser, LinesHoldTheNumbersGivenAndStandWhereTheyBelong) {
  const json seen = evaluate(Page("Lines").chart("loss", some_lines()), R"({
    data: rill.views.loss.data("lines").map((d) => [d.line, d.x, d.y]),
    points: drawn("loss", "symbol").map((i) => [i.x, i.y]),
    lines: drawn("loss", "line").length, rules: drawn("loss", "rule").map((i) => [i.x, i.y, i.x2, i.y2]),
    labels: drawn("loss", "text").map((i) => i.text)})");
  EXPECT_EQ(seen["data"], json::parse(R"([
    ["train", 0, 3.1], ["train", 5, null], ["train", 10, 0.1],
    ["validation", 0, 3], ["validation", 5, 2], ["validation", 10, 1]])"));
  EXPECT_EQ(seen["lines"], 6);
  // 400 pixels are 10 steps, 200 pixels 4 nats from the bottom up.
  const std::vector<std::vector<double>> expected = {{0, 45},    {400, 195}, {0, 50},
                                                     {200, 100}, {400, 150}, {200, 100}};
  ASSERT_EQ(seen["points"].size(), expected.size()) << seen;
  for (size_t i = 0; i < expected.size(); ++i)
    for (const size_t axis : {0, 1})
      EXPECT_NEAR(seen["points"][i][axis].get<double>(), expected[i][axis], 1e-9) << i;
  EXPECT_EQ(seen["rules"], json::parse("[[0, 50, 400, null], [200, 0, null, 200]]"));
  EXPECT_EQ(seen["labels"], json({"here", "best", "uniform", "validation", "train"}));
}

TEST_F(PageInBrowser, TheScriptOfASectionRunsBesideChartsAndKeepsItsNamesToItself) {
  const Section counts{"<b id=\"sum\"></b>", "#sum { color: rgb(1, 2, 3); }",
                       "const rill = 3;\ndocument.getElementById('sum').textContent = rill + 4;\n"};
  const Section again{.script = "const rill = 5;\n"};
  for (const bool with_chart : {false, true}) {
    Page page("Sections");
    page.section(counts).section(again);
    if (with_chart) page.chart("loss", some_lines());
    const json seen = evaluate(page, R"([sum.textContent, getComputedStyle(sum).color])");
    EXPECT_EQ(seen, json({"7", "rgb(1, 2, 3)"}));
  }
}

TEST_F(PageInBrowser, BarsAreAsHighAsTheirValues) {
  const BarChart chart{.title = "Accuracy",
                       .x = {"encoding"},
                       .y = {.title = "accuracy", .unit = "%", .domain = Range{0, 100}},
                       .bars = {{"none", 50.25, 48, 52}, {"rotary", 100}, {"T5", nan}},
                       .rules = {{"chance", 50}},
                       .height = 200};
  const json seen = evaluate(Page("Bars").chart("bars", chart), R"({
    bars: drawn("bars", "rect").map((i) => [i.datum.bar, i.height]),
    whisker: drawn("bars", "rule").filter((i) => i.datum.bar).map((i) => [i.y, i.y2]),
    labels: drawn("bars", "text").map((i) => i.text)})");
  ASSERT_EQ(seen["bars"].size(), 2u) << "the one without a number is not drawn";
  EXPECT_NEAR(seen["bars"][0][1].get<double>(), 100.5, 1e-9);
  EXPECT_NEAR(seen["bars"][1][1].get<double>(), 200, 1e-9);
  EXPECT_EQ(seen["whisker"], json::parse("[[104, 96], [104, null], [96, null]]"));
  EXPECT_EQ(seen["labels"], json({"50.25", "100", "chance"}));
}

TEST_F(PageInBrowser, GroupedBarsStandSideBySide) {
  const BarChart chart{
      .bars = {{"a", 1, {}, {}, "16"}, {"a", 2, {}, {}, "24"}, {"b", 3, {}, {}, "16"}}};
  const json seen = evaluate(Page("Bars").chart("bars", chart), R"(
    drawn("bars", "rect").map((i) => [i.x, i.x + i.width, i.fill]))");
  ASSERT_EQ(seen.size(), 3u);
  EXPECT_LT(seen[0][1].get<double>(), seen[1][0].get<double>());
  EXPECT_LT(seen[1][1].get<double>(), seen[2][0].get<double>());
  EXPECT_NE(seen[0][2], seen[1][2]);
  EXPECT_EQ(seen[0][2], seen[2][2]);
}

TEST_F(PageInBrowser, CellsStandInTheirRowsAndColumnsWithTheirColours) {
  const HeatMap map{.title = "Sum",
                    .x = {"position"},
                    .y = {"position"},  // the same name twice
                    .values = tensor({{-2.0, 0.0, 2.0}, {1.0, nan, -1.0}}),
                    .colors = Colors::diverging,
                    .row_names = {"and", "and"},
                    .show_values = true,
                    .width = 300,
                    .height = 100};
  const json seen = evaluate(Page("Cells").chart("sum", map), R"({
    cells: drawn("sum", "rect").map((i) => [i.x, i.y, i.width, i.height, i.datum.value]),
    fills: drawn("sum", "rect").map((i) => i.fill), texts: drawn("sum", "text").map((i) => i.text)})");
  EXPECT_EQ(seen["cells"], json::parse(R"([
    [0, 0, 100, 50, -2], [100, 0, 100, 50, 0], [200, 0, 100, 50, 2],
    [0, 50, 100, 50, 1], [100, 50, 100, 50, null], [200, 50, 100, 50, -1]])"));
  EXPECT_EQ(seen["texts"], json({"-2", "0", "2", "1", "", "-1"}));
  // The ends and the middle of the light theme's colours.
  EXPECT_EQ(seen["fills"][0], "rgb(28, 79, 156)");
  EXPECT_EQ(seen["fills"][1], "rgb(245, 246, 248)");
  EXPECT_EQ(seen["fills"][2], "rgb(168, 72, 10)");
  EXPECT_EQ(seen["fills"][4], "transparent");
}

TEST_F(PageInBrowser, PointsStandWhereTheyBelong) {
  const ScatterChart chart{.x = {.title = "first", .domain = Range{0, 4}},
                           .y = {.title = "second", .domain = Range{1, 100}},
                           .points = {{1, 1, "king", "royal"}, {4, 100, "and", "other"}},
                           .width = 400,
                           .height = 200};
  const json seen = evaluate(Page("Points").chart("words", chart), R"(
    drawn("words", "symbol").map((i) => [i.x, i.y, i.datum.label]))");
  EXPECT_EQ(seen, json::parse(R"([[100, 200, "king"], [400, 0, "and"]])"));
}

TEST_F(PageInBrowser, ALogarithmicAxisIsOne) {
  const LineChart chart{.y = {.title = "rate", .log = true, .domain = Range{1e-4, 1}},
                        .lines = {{"", {0, 1, 2}, {1e-4, 1e-2, 0}}},
                        .height = 200};
  const json seen =
      evaluate(Page("Rate").chart("rate", chart), R"(drawn("rate", "symbol").map((i) => i.y))");
  ASSERT_EQ(seen.size(), 2u);
  EXPECT_NEAR(seen[0].get<double>(), 200, 1e-9);
  EXPECT_NEAR(seen[1].get<double>(), 100, 1e-9);
}

TEST_F(PageInBrowser, EachOfManyLinesHasItsOwnColourAndDash) {
  LineChart chart;
  for (int i = 0; i < 24; ++i) chart.lines.push_back({std::to_string(i), {0}, {double(i)}});
  const json seen = evaluate(Page("Many").chart("many", chart), R"(
    new Set(drawn("many", "line").map((i) => `${i.stroke} ${i.strokeDash}`)).size)");
  EXPECT_EQ(seen, 24);
}

TEST_F(PageInBrowser, EachNamedRowAndColumnIsNamed) {
  const std::vector<std::string> words = {"King", "and", "Queen", "are", "awesome", "."};
  const HeatMap map{
      .values = eye(6), .row_names = words, .column_names = words, .width = 120, .height = 120};
  const json seen = evaluate(Page("Names").chart("map", map), R"(
    [...document.querySelectorAll(".role-axis-label text")].filter((e) => e.style.opacity !== "0" &&
        e.getAttribute("opacity") !== "0").map((e) => e.textContent))");
  std::vector<std::string> expected = words;
  expected.insert(expected.end(), words.begin(), words.end());
  EXPECT_EQ(seen, json(expected));
}

TEST_F(PageInBrowser, TextsAndTablesReadAsTheyWereGiven) {
  const Table table{
      .columns = {"a < b", "c"}, .rows = {{"<i>&amp;</i>", "1.5"}}, .caption = "\"c\""};
  const Page page =
      Page("<t>").heading("h & h").text("it's").preformatted("\n  x\n\ty").table("t", table);
  const json seen = evaluate(page, R"({cells: cells("t"), title: document.title,
    texts: ["h1", "h2", "p", "pre", "caption"].map((tag) => document.querySelector(tag).textContent)})");
  EXPECT_EQ(seen["cells"], json::parse(R"([["a < b", "c"], ["<i>&amp;</i>", "1.5"]])"));
  EXPECT_EQ(seen["title"], "<t>");
  EXPECT_EQ(seen["texts"], json({"<t>", "h & h", "it's", "\n  x\n\ty", "\"c\""}));
}

TEST_F(PageInBrowser, IsLightOrDarkAsTheReaderWishes) {
  const Page page = Page("Modes").chart("loss", some_lines());
  const char* const colours = R"({
    ground: getComputedStyle(document.body).backgroundColor,
    title: document.querySelector(".role-axis-title text").getAttribute("fill")})";
  EXPECT_EQ(evaluate(page, colours),
            json({{"ground", "rgb(255, 255, 255)"}, {"title", "#1f2430"}}));
  EXPECT_EQ(evaluate(page, colours, {.dark = true}),
            json({{"ground", "rgb(21, 24, 30)"}, {"title", "#e7eaf0"}}));
}

TEST_F(PageInBrowser, ChartsAreDrawnAnewWhenTheModeChanges) {
  std::string html = Page("Modes").chart("loss", some_lines()).html();
  html.insert(html.find("</head>"), R"(<script>
    const media = Object.assign(new EventTarget(), {matches: false});
    window.matchMedia = () => media;
  </script>)");
  std::ofstream(path_) << html;
  const json seen = evaluate_in_browser(path_, R"((async () => {
    const title = () => document.querySelector(".role-axis-title text").getAttribute("fill");
    const before = title();
    media.matches = true;
    media.dispatchEvent(new Event("change"));
    await rill.ready;
    return [before, title(), document.querySelectorAll("svg.marks").length];
  })())");
  EXPECT_EQ(seen, json({"#1f2430", "#e7eaf0", 1}));
}

TEST_F(PageInBrowser, ChartsAreNarrowerWhereThereIsNoRoom) {
  const Page page = Page("Narrow").chart("loss", some_lines());
  const json seen = evaluate(page, R"({
    width: rill.views.loss.width(), page: document.documentElement.scrollWidth - innerWidth})",
                             {.width = 500});
  EXPECT_EQ(evaluate(page, "rill.views.loss.width()"), 400);
  EXPECT_LT(seen["width"], 400);
  EXPECT_LE(seen["page"], 0) << "the page scrolls sideways";
}

TEST_F(PageInBrowser, IdsMayHoldAnything) {
  const std::string id = "a \"b\" 'c' <d> \\ ä";
  const json seen = evaluate(Page("Ids").chart(id, some_lines()), "Object.keys(rill.views)");
  EXPECT_EQ(seen, json({id}));
}

// ---- the tests' own eyes -------------------------------------------------------------------

/// What evaluate_in_browser says of a body of HTML.
std::string complaints_about(const std::string& path, const std::string& body) {
  std::ofstream(path) << "<!DOCTYPE html><html><body>" << body << "</body></html>";
  ::testing::TestPartResultArray results;
  {
    const ::testing::ScopedFakeTestPartResultReporter reporter(&results);
    evaluate_in_browser(path, "1");
  }
  std::string all;
  for (int i = 0; i < results.size(); ++i) all += results.GetTestPartResult(i).message();
  return all;
}

TEST_F(PageInBrowser, AConsoleMessageOrARequestWouldFailTheseTests) {
  EXPECT_EQ(complaints_about(path_, "<p>fine</p>"), "");
  EXPECT_NE(complaints_about(path_, "<script>console.log('uttered')</script>").find("uttered"),
            std::string::npos);
  EXPECT_NE(complaints_about(path_, "<script>null.x</script>").find("TypeError"),
            std::string::npos);
  EXPECT_NE(complaints_about(path_, "<img src='http://example.com/x.png'>").find("example.com"),
            std::string::npos);
}

}  // namespace
}  // namespace rill::inspect
