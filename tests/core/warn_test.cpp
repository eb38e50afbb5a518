#include <gtest/gtest.h>
#include <rill/core/detail/warn.h>

namespace rill {
namespace {

TEST(Warning, GoesToStandardErrorAlone) {
  ::testing::internal::CaptureStdout();
  ::testing::internal::CaptureStderr();
  detail::warn("a mean over ", 0, " of ", Shape{2, 3});
  EXPECT_EQ(::testing::internal::GetCapturedStdout(), "");
  const std::string errors = ::testing::internal::GetCapturedStderr();
  EXPECT_NE(errors.find("[rill] [warning] a mean over 0 of [2, 3]"), std::string::npos) << errors;
}

}  // namespace
}  // namespace rill
