#include <gtest/gtest.h>

#include <rill/core/detail/quotes.h>

namespace rill::testing {
namespace {

using detail::in_quotes;

TEST(Quotes, StandAroundATextOfAnyScript) {
  EXPECT_EQ(in_quotes(""), "''");
  EXPECT_EQ(in_quotes("naïve 名 😀"), "'naïve 名 😀'");
}

TEST(Quotes, HoldNothingThatATerminalTakesForACommand) {
  EXPECT_EQ(in_quotes("a\x1b[31m\n\x7f"), "'a?[31m?\?'");
  EXPECT_EQ(in_quotes("a\u0080\u009b\u00a0"), "'a?\?\u00a0'");
}

TEST(Quotes, HoldNothingThatIsNoUtf8) {
  EXPECT_EQ(in_quotes("a\xff\xc3"), "'a?\?'");
  EXPECT_EQ(in_quotes("\xed\xa0\x80!"), "'?\?\?!'");
}

TEST(Quotes, HoldAHundredBytesAndNoPartOfACharacter) {
  const std::string text(99, 'a');
  EXPECT_EQ(in_quotes(text + "b"), "'" + text + "b'");
  EXPECT_EQ(in_quotes(text + "bc"), "'" + text + "b...'");
  EXPECT_EQ(in_quotes(text + "é"), "'" + text + "...'");
}

}  // namespace
}  // namespace rill::testing
