#include <gtest/gtest.h>

#include <clocale>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <locale>

#include <rill/core/inspect/chart.h>
#include <rill/core/inspect/table.h>
#include <rill/core/ops.h>

#include "tests/support/expect.h"

// Numbers have a point where the program's locale writes a comma.

namespace rill {
namespace {

struct CommaPunctuation final : std::numpunct<char> {
  char do_decimal_point() const override { return ','; }
  char do_thousands_sep() const override { return '.'; }
  std::string do_grouping() const override { return "\3"; }
};

/// Makes 1234.5 be "1.234,5" for C's functions and for streams, while it lives.
class CommaLocale {
 public:
  CommaLocale() : streams_(std::locale::global({std::locale(), new CommaPunctuation})) {
    std::filesystem::create_directories(folder_);
    std::ofstream(folder_ / "source") << "comment_char %\nescape_char /\nLC_NUMERIC\n"
                                         "decimal_point \",\"\nthousands_sep \".\"\n"
                                         "grouping 3;3\nEND LC_NUMERIC\n";
    const std::string make = "cd '" + folder_.string() +
                             "' && localedef --no-archive --force -i ./source ./comma 2>/dev/null";
    is_made_ = std::system(make.c_str()) >= 0;  // it warns of the categories that are not given
    setenv("LOCPATH", folder_.c_str(), 1);
    is_made_ = is_made_ && std::setlocale(LC_NUMERIC, "comma") != nullptr;
  }
  ~CommaLocale() {
    std::setlocale(LC_NUMERIC, "C");
    unsetenv("LOCPATH");
    std::locale::global(streams_);
    std::filesystem::remove_all(folder_);
  }
  CommaLocale(const CommaLocale&) = delete;
  CommaLocale& operator=(const CommaLocale&) = delete;
  bool is_made() const { return is_made_; }

 private:
  std::locale streams_;
  std::filesystem::path folder_ = std::filesystem::path(::testing::TempDir()) / "rill_comma_locale";
  bool is_made_ = false;
};

std::string printed(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f", value);
  return text;
}

TEST(Locale, WithADecimalCommaLeavesNumbersAsTheyAre) {
  const CommaLocale locale;
  if (!locale.is_made()) GTEST_SKIP() << "localedef made no locale here";
  ASSERT_EQ(printed(1.5), "1,5");

  EXPECT_EQ(tensor({1.5, -0.25}).to_string(), "tensor([ 1.5000, -0.2500])");
  EXPECT_EQ(tensor({1234567.5, 0.25}).to_string(), "tensor([1.2346e+06, 2.5000e-01])");
  EXPECT_EQ(tensor({1234567.0}).to_string(), "tensor([1234567.])");
  EXPECT_EQ(inspect::format_number(12345.678, 2), "12345.68");
  testing::expect_error<DTypeError>([] { return ones({2}, int64) * 1234.5; }, {"1234.5"});
  testing::expect_error<ShapeError>([] { return zeros({12345}).view({2}); }, {"[12345]"});
}

TEST(Locale, WithADecimalCommaLeavesChartsAsTheyAre) {
  const inspect::LineChart chart{.title = "Loss",
                                 .lines = {{"train", {0, 1500.5, 2}, {1234.5, 0.25, 1e-3}}}};
  const std::string expected = chart.json();
  const CommaLocale locale;
  if (!locale.is_made()) GTEST_SKIP() << "localedef made no locale here";
  EXPECT_EQ(chart.json(), expected);
}

TEST(ErrorText, OfANumberThatIsNoneHasNoSign) {
  std::string text;
  detail::append(text, -std::numeric_limits<double>::quiet_NaN());
  EXPECT_EQ(text, "nan");
}

}  // namespace
}  // namespace rill
