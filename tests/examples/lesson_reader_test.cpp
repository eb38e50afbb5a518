#include <gtest/gtest.h>

#include "tests/support/lesson.h"

namespace rill::testing {
namespace {

const char* const lesson_text = R"(# A lesson

About 0.5 of `1.25` things, or 50 %, of 20 names.

```text
3.75 is a formula, nothing printed
```

<!-- printed by count --to 3, within 0.1 -->
```text
name   share
t5      0.50
```

<!-- drawn by count --to 3: two words, within 4 -->
![A picture](../pictures/count.svg)
)";

TEST(LessonReader, FindsBlocksPicturesAndProse) {
  const Lesson lesson = read_lesson(lesson_text);
  ASSERT_EQ(lesson.printed.size(), 1u);
  EXPECT_EQ(lesson.printed[0].command, "count --to 3");
  EXPECT_EQ(lesson.printed[0].within, 0.1);
  EXPECT_EQ(lesson.printed[0].lines, (std::vector<std::string>{"name   share", "t5      0.50"}));
  ASSERT_EQ(lesson.drawn.size(), 1u);
  EXPECT_EQ(lesson.drawn[0].command, "count --to 3");
  EXPECT_EQ(lesson.drawn[0].chart, "two words");
  EXPECT_EQ(lesson.drawn[0].within, 4);
  EXPECT_EQ(lesson.drawn[0].picture, "../pictures/count.svg");
  EXPECT_NE(lesson.prose.find("of 20 names"), std::string::npos);
  EXPECT_EQ(lesson.prose.find("1.25"), std::string::npos);
  EXPECT_EQ(lesson.prose.find("3.75"), std::string::npos);
}

/// What is missing of `wanted` in `printed`.
std::string missing(const std::string& wanted, const std::string& printed, double within = 0) {
  return missing_lines({.command = "x", .within = within, .lines = {wanted}}, printed);
}

TEST(LessonReader, LinesMayStandApartButInTheirOrder) {
  const Printed block{.command = "x", .lines = {"a 1", "", "b 2.5"}};
  EXPECT_EQ(missing_lines(block, "before\n a   1\nbetween\nb 2.5\nafter\n"), "");
  EXPECT_EQ(missing_lines(block, "b 2.5\na 1\n"), "x does not print: b 2.5; it prints: b 2.5\n");
}

TEST(LessonReader, AChangedWordOrWholeNumberIsRefusedWhateverTheTolerance) {
  EXPECT_EQ(missing("King stays 0.50", "King stays 0.50"), "");
  EXPECT_NE(missing("King stays 0.50", "King moves 0.50", 1), "");
  EXPECT_NE(missing("King stays 0.50", "King stays 0.50 here", 1), "");
  EXPECT_NE(missing("length 16", "length 17", 5), "");
  EXPECT_NE(missing("t5 0.50", "t2 0.50", 5), "");
}

TEST(LessonReader, AChangedDecimalIsRefusedBeyondTheTolerance) {
  EXPECT_NE(missing("share 0.50", "share 0.51"), "");
  EXPECT_EQ(missing("share 0.50", "share 0.51", 0.01), "");
  EXPECT_NE(missing("share 0.50", "share 0.52", 0.01), "");
  EXPECT_NE(missing("share 0.50", "share -0.50", 0.01), "");
  EXPECT_NE(missing("share 0.50", "share nan", 0.01), "");
}

TEST(LessonReader, ANumberWithAnExponentIsHeldToItsSize) {
  EXPECT_EQ(missing("gap 2.0e-01", "gap 9.9e-01"), "");
  EXPECT_NE(missing("gap 2.0e-01", "gap 2.1e+00"), "");
  EXPECT_NE(missing("gap 2.0e-01", "gap 1.0e-15"), "");
  EXPECT_EQ(missing("gap 9.0e-16", "gap 0.0e+00"), "");
}

TEST(LessonReader, WhatIsLeftOutStandsBehindAnEllipsis) {
  EXPECT_EQ(missing("none 0.50 …", "none 0.50 whatever 3"), "");
  EXPECT_NE(missing("none 0.50 …", "none 0.60 whatever 3"), "");
}

TEST(LessonReader, ProseSaysOnlyNumbersThatAreShown) {
  Lesson lesson = read_lesson(lesson_text);
  EXPECT_EQ(unprinted_numbers(lesson), (std::vector<std::string>{"50"}));
  lesson.printed[0].lines.push_back("49.96 %");
  EXPECT_EQ(unprinted_numbers(lesson), (std::vector<std::string>{}));
  lesson.prose += " It is 0.62, or -0.5.";
  EXPECT_EQ(unprinted_numbers(lesson), (std::vector<std::string>{"0.62", "-0.5"}));
}

TEST(LessonReader, PicturesMayDifferInNumbersWithinTheTolerance) {
  const std::string svg = "<g>\n<path fill=\"#102030\" d=\"M0,1.5h8\"/>\n<text>cosine</text>\n";
  const auto with = [&](const std::string& was, const std::string& is) {
    std::string out = svg;
    return out.replace(out.find(was), was.size(), is);
  };
  EXPECT_EQ(picture_difference(svg, svg, 0), "");
  EXPECT_NE(picture_difference(svg, with("1.5", "1.6"), 0.01), "");
  EXPECT_EQ(picture_difference(svg, with("1.5", "1.6"), 0.2), "");
  EXPECT_EQ(picture_difference(svg, with("#102030", "#122030"), 2), "");
  EXPECT_NE(picture_difference(svg, with("#102030", "#132030"), 2), "");
  EXPECT_NE(picture_difference(svg, with("cosine", "sine"), 9), "");
  EXPECT_NE(picture_difference(svg, svg + "<g/>\n", 9), "");
}

}  // namespace
}  // namespace rill::testing
