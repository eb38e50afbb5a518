#include <gtest/gtest.h>

#ifdef __linux__

#include <rill/core/distributed/detail/short_turns.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>
#include <thread>

namespace rill::testing {
namespace {

/// Of this thread, as the system has them.
struct Scheduling {
  uint32_t size = sizeof(Scheduling), policy = 0;
  uint64_t flags = 0;
  int32_t nice = 0;
  uint32_t priority = 0;
  uint64_t turn = 0, deadline = 0, period = 0;
};

Scheduling scheduling() {
  Scheduling found;
  EXPECT_EQ(syscall(SYS_sched_getattr, 0, &found, sizeof found, 0), 0);
  return found;
}

TEST(ShortTurns, AreOfThisThreadAloneAndLeaveItsNicenessAsItWas) {
  const Scheduling here = scheduling();
  if (here.turn == 0) GTEST_SKIP() << "turns have no length before Linux 6.12";
  Scheduling there;
  std::thread([&] {
    distributed::take_short_turns();
    there = scheduling();
  }).join();
  EXPECT_EQ(there.turn, 100'000U);
  EXPECT_EQ(there.nice, here.nice);
  EXPECT_EQ(there.policy, here.policy);
  EXPECT_EQ(scheduling().turn, here.turn);
}

}  // namespace
}  // namespace rill::testing

#endif
