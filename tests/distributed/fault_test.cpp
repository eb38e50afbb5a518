#include <chrono>
#include <string>

#include "ranks_paths.h"
#include "run_ranks.h"

// One rank of three goes missing in step 3: all others say so, and end.

namespace rill::testing {
namespace {

using Clock = std::chrono::steady_clock;

int count_of(const std::string& part, const std::string& text) {
  int count = 0;
  for (size_t at = 0; (at = text.find(part, at)) != std::string::npos; ++at) ++count;
  return count;
}

/// What the ranks said of a fault of tests/distributed/ranks/fault_test.cpp.
std::string said_of(const std::string& fault) {
  const Clock::time_point start = Clock::now();
  const RanksOutcome outcome =
      run_on_ranks(3, RILL_RANKS_PROGRAM
                          " --gtest_also_run_disabled_tests --gtest_catch_exceptions=0 "
                          "--gtest_filter=Fault.DISABLED_" +
                          fault);
  EXPECT_NE(outcome.exit_code, 0) << outcome.said;
  EXPECT_NE(outcome.exit_code, 124) << "it did not end by itself: " << outcome.said;
  EXPECT_LT(Clock::now() - start, std::chrono::seconds(20)) << outcome.said;
  return outcome.said;
}

TEST(Fault, ARankThatIsKilledIsMissedByName) {
  RILL_WANT_RANKS();
  // A launcher may kill the others too before each has said so.
  const std::string said = said_of("Killed");
  EXPECT_GE(count_of("rank 1 is missing: its process has ended", said), 1) << said;
  EXPECT_GE(count_of(", at step 3, bucket ", said), 1) << said;
}

TEST(Fault, ARankThatIsStoppedIsMissedByAllOthers) {
  RILL_WANT_RANKS();
  const std::string said = said_of("Stopped");
  EXPECT_EQ(count_of("rank 1 is missing: nothing was heard of it for 5 s", said), 2) << said;
  EXPECT_GE(count_of("last heard of at step 3", said), 2) << said;
  EXPECT_GE(count_of(", at step 3, bucket 0, ends)", said), 1) << said;
}

TEST(Fault, ARankThatThrowsTellsAllOthersWhy) {
  RILL_WANT_RANKS();
  const std::string said = said_of("Throws");
  EXPECT_EQ(count_of("rank 1 has failed at step 3: the disk is full", said), 2) << said;
}

TEST(Fault, ARankThatJustExitsIsMissed) {
  RILL_WANT_RANKS();
  EXPECT_GE(count_of("rank 1 is missing: its process has ended", said_of("Exits")), 1);
}

}  // namespace
}  // namespace rill::testing
