#include <gtest/gtest.h>
#include <rill/core/distributed/detail/deadline.h>

#include <chrono>
#include <cstdlib>
#include <thread>

#include "full_pipe.h"

namespace rill::testing {
namespace {

using distributed::Deadline;
using std::chrono::milliseconds;

TEST(DeadlineDeathTest, WhoDoesNotMeetItIsEnded) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        const Deadline deadline(milliseconds(20), "2 of 3 ranks have come");
        std::this_thread::sleep_for(std::chrono::seconds(60));
      },
      ::testing::ExitedWithCode(1), "rill: 2 of 3 ranks have come");
}

TEST(DeadlineDeathTest, WhoDoesNotMeetItIsEndedWhereNobodyReadsWhy) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        block_standard_error();
        const Deadline deadline(milliseconds(20), "late");
        std::this_thread::sleep_for(std::chrono::seconds(10));
        std::_Exit(2);
      },
      ::testing::ExitedWithCode(1), "");
}

TEST(Deadline, WhoMeetsItGoesOnAtOnce) {
  const auto start = std::chrono::steady_clock::now();
  { const Deadline deadline(std::chrono::hours(1), "late"); }
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::minutes(1));
}

}  // namespace
}  // namespace rill::testing
