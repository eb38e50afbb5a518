#include <gtest/gtest.h>

#include <filesystem>
#include <limits>

#include <rill/core/inspect/detail/page_parts.h>
#include <rill/core/inspect/page.h>

#include "tests/support/expect.h"
#include "tests/support/own_folder.h"

namespace rill::inspect {
namespace {

namespace fs = std::filesystem;
using testing::expect_error;

using PageFile = testing::OwnFolder;

LineChart some_chart(const std::string& title = "Loss") {
  return {.title = title, .lines = {{"train", {0, 1}, {2, 1}}}};
}

size_t count(const std::string& text, const std::string& part) {
  size_t found = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

TEST(Page, TextIsEscaped) {
  const std::string html =
      Page("a < b & c").heading("<h>").text("\"it's\"").preformatted("<b>").html();
  EXPECT_NE(html.find("<title>a &lt; b &amp; c</title>"), std::string::npos);
  EXPECT_NE(html.find("<h1>a &lt; b &amp; c</h1>"), std::string::npos);
  EXPECT_NE(html.find("<h2>&lt;h&gt;</h2>"), std::string::npos);
  EXPECT_NE(html.find("<p>&quot;it&#39;s&quot;</p>"), std::string::npos);
  EXPECT_NE(html.find("<pre>\n&lt;b&gt;</pre>"), std::string::npos);
}

TEST(Page, ASectionStandsAsItIsWithItsStyleAndItsScript) {
  const std::string html = Page("A page")
                               .text("before")
                               .section({"<b id=\"x\"></b>", "#x { color: red; }", "begin();\n"})
                               .text("after")
                               .html();
  const size_t style = html.find("#x { color: red; }</style>"),
               section = html.find("<b id=\"x\"></b>");
  const size_t script = html.find("begin();");
  EXPECT_LT(style, html.find("<body>"));
  EXPECT_LT(html.find("<p>before"), section);
  EXPECT_LT(section, html.find("<p>after"));
  ASSERT_NE(script, std::string::npos);
  EXPECT_LT(html.find("<p>after"), script);
  EXPECT_EQ(count(Page("A page").section({.html = "<hr>"}).html(), "<script"), 0u);
}

TEST(Page, WhatIsNoUtf8IsReplacedWhereverItStands) {
  const std::string bad = "a\xff", good = "a\xEF\xBF\xBD";
  const Table table{.columns = {bad}, .rows = {{bad}}, .caption = bad};
  Page page(bad);
  page.heading(bad).text(bad).preformatted(bad).table(bad, table).chart(bad, some_chart(bad));
  const std::string html = page.html();
  EXPECT_EQ(html.find('\xff'), std::string::npos);
  // The title twice, heading, text, samples, id, caption, column, cell; the chart's id twice, and
  // its description and title.
  EXPECT_EQ(count(html.substr(0, html.find("const vega")), good), 13u);
}

TEST(EscapeHtml, ReplacesEachByteThatBelongsToNoCharacterOfUtf8) {
  const std::string no = "\xEF\xBF\xBD";
  for (const char* text : {"", "az", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF",
                           "\xEE\x80\x80", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF"})
    EXPECT_EQ(escape_html(text), text);
  EXPECT_EQ(escape_html("a\x80z"), "a" + no + "z");      // follows nothing
  EXPECT_EQ(escape_html("\xC3"), no);                    // is followed by nothing
  EXPECT_EQ(escape_html("\xC3z"), no + "z");             // or by what cannot
  EXPECT_EQ(escape_html("\xE2\x82z"), no + no + "z");    // is cut short
  EXPECT_EQ(escape_html("\xC1\xBF"), no + no);           // longer than needed
  EXPECT_EQ(escape_html("\xE0\x9F\xBF"), no + no + no);  // likewise
  EXPECT_EQ(escape_html("\xF0\x8F\xBF\xBF"), no + no + no + no);
  EXPECT_EQ(escape_html("\xED\xA0\x80"), no + no + no);           // half of a pair of UTF-16
  EXPECT_EQ(escape_html("\xF4\x90\x80\x80"), no + no + no + no);  // above U+10FFFF
  EXPECT_EQ(escape_html("\xF5\xC3\xA4"), no + "\xC3\xA4");
}

TEST(Page, HeadingsHaveLevelsUnderTheTitle) {
  EXPECT_NE(Page("t").heading("deep", 3).html().find("<h3>deep</h3>"), std::string::npos);
  expect_error<ValueError>([] { Page("t").heading("title", 1); }, {"from 2 to 6", "1"});
}

TEST(Page, TablesCanBeFoundByTheirId) {
  const Table table{.columns = {"encoding", "accuracy"}, .rows = {{"none", "50 %"}}};
  const std::string html = Page("t").table("accuracy", table).html();
  EXPECT_NE(html.find("data-table=\"accuracy\""), std::string::npos);
  EXPECT_NE(html.find("<td>none</td><td class=\"number\">50 %</td>"), std::string::npos);
}

TEST(Page, WithoutChartsItHasNoScript) {
  EXPECT_EQ(Page("t").text("text").html().find("<script"), std::string::npos);
}

TEST(Page, NoTextOfAChartEndsItsScript) {
  const std::string html = Page("t").chart("loss", some_chart("</script><b>")).html();
  EXPECT_EQ(html.find("</script><b>"), std::string::npos);
  EXPECT_NE(html.find("\\u003c/script>"), std::string::npos);
}

TEST(Page, ChartsThatFollowEachOtherStandTogether) {
  Page page("t");
  page.chart("a", some_chart()).chart("b", some_chart()).text("between").chart("c", some_chart());
  const std::string html = page.html();
  EXPECT_EQ(count(html, "<div class=\"charts\">"), 2u);
  EXPECT_EQ(count(html, "<div "), count(html, "</div>"));
}

TEST(Page, SaysWhichPackageIsMissingWithoutVega) {
  expect_error<Error>([] { detail::vega_script("/no/such/folder"); },
                      {"/no/such/folder/vega-util.min.js", "libjs-vega"});
}

TEST(Page, EachChartHasItsOwnId) {
  Page page("t");
  page.chart("loss", some_chart());
  expect_error<ValueError>([&] { page.chart("loss", some_chart()); }, {"'loss'", "already"});
}

TEST_F(PageFile, IsWrittenAsAWholeAndLeavesNothingElse) {
  const Page page = Page("t").text("text");
  page.write(path("report.html"));
  EXPECT_EQ(text_of("report.html"), page.html());
  EXPECT_EQ(file_count(), 1);
}

TEST_F(PageFile, ReplacesTheOneBefore) {
  Page("first").write(path("report.html"));
  Page("second").write(path("report.html"));
  EXPECT_NE(text_of("report.html").find("<h1>second</h1>"), std::string::npos);
  EXPECT_EQ(file_count(), 1);
}

TEST_F(PageFile, KeepsItsModeAndLeavesALinkALink) {
  Page("first").write(path("report.html"));
  fs::permissions(folder_ / "report.html", fs::perms(0600));
  fs::create_symlink("report.html", folder_ / "link.html");
  Page("second").write(path("link.html"));
  EXPECT_TRUE(fs::is_symlink(folder_ / "link.html"));
  EXPECT_EQ(fs::status(folder_ / "report.html").permissions(), fs::perms(0600));
  EXPECT_NE(text_of("report.html").find("<h1>second</h1>"), std::string::npos);
}

TEST_F(PageFile, APathThatCannotBeWrittenIsNamed) {
  expect_error<Error>([&] { Page("t").write(path("no/such/folder/report.html")); },
                      {"cannot write", "no/such/folder/report.html", "No such file"});
  expect_error<Error>([&] { Page("t").write(folder_); }, {"no regular file"});
  expect_error<Error>([&] { Page("t").write("/dev/full"); }, {"/dev/full", "no regular file"});
}

// ---- tables --------------------------------------------------------------------------------

TEST(Table, IsAlignedByWhatIsSeen) {
  const Table table{.columns = {"encoding", "accuracy"},
                    .rows = {{"none", "50.2 ± 1.1 %"}, {"größer", "–"}}};
  EXPECT_EQ(table.text(),
            "encoding      accuracy\n"
            "none      50.2 ± 1.1 %\n"
            "größer               –\n");
}

TEST(Table, EveryRowFitsTheColumns) {
  const Table table{.columns = {"a", "b"}, .rows = {{"1", "2"}, {"3"}}};
  expect_error<ShapeError>([&] { table.text(); }, {"row 1", "1 cell", "2 columns"});
  expect_error<ShapeError>([&] { Page("t").table("x", table); }, {"row 1"});
}

TEST(Table, ItsCaptionIsEscapedToo) {
  const Table table{.columns = {"a<b"}, .rows = {{"1 & 2"}}, .caption = "<i>x</i> & y"};
  const std::string html = table.html();
  EXPECT_NE(html.find("<caption>&lt;i&gt;x&lt;/i&gt; &amp; y</caption>"), std::string::npos);
  EXPECT_NE(html.find(">a&lt;b</th>"), std::string::npos);
  EXPECT_NE(html.find(">1 &amp; 2</td>"), std::string::npos);
}

TEST(FormatNumber, HasNoMoreDigitsThanItNeeds) {
  EXPECT_EQ(format_number(0.5), "0.5");
  EXPECT_EQ(format_number(2), "2");
  EXPECT_EQ(format_number(-1e-9), "0");
  EXPECT_EQ(format_number(1.234567), "1.2346");
  EXPECT_EQ(format_number(1.23456, 2), "1.23");
  EXPECT_EQ(format_number(100, 0), "100");
  EXPECT_EQ(format_number(-0.25, 0), "0");
  EXPECT_EQ(format_number(std::numeric_limits<double>::infinity()), "inf");
  EXPECT_EQ(format_number(-std::numeric_limits<double>::quiet_NaN()), "nan");
}

}  // namespace
}  // namespace rill::inspect
