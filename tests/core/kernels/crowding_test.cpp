#include <gtest/gtest.h>

#include <rill/core/kernels/crowding.h>

namespace rill::kernels {
namespace {

constexpr int64_t millisecond = 1'000'000;

/// A program that runs one loop after the other, at times of its own.
struct Program {
  Crowding crowding = {};
  int64_t now = 0;
  int wanted = 4;

  int threads() { return crowding.allows(wanted) ? wanted : crowding.threads(now); }
  /// A loop in which the calling thread works and then waits, in tenths of a millisecond.
  void loop(int64_t worked, int64_t waited) {
    const int running = threads();
    now += (worked + waited) * millisecond / 10;
    if (running > 1) crowding.note(worked * millisecond / 10, waited * millisecond / 10, now);
  }
  void pass(int64_t milliseconds) { now += milliseconds * millisecond; }
};

TEST(Crowding, AllThreadsRunWhereNobodyIsWaitedForLong) {
  Program program;
  for (int i = 0; i < 1000; ++i) {
    program.loop(1, 4);    // short loops wait longer than they work
    program.loop(30, 29);  // one thread had more to do
    EXPECT_EQ(program.threads(), 4);
  }
}

TEST(Crowding, AThreadThatIsWaitedForIsTakenAwayForAWhile) {
  Program program;
  program.loop(1, 40);
  EXPECT_EQ(program.threads(), 3);
  program.pass(7);
  EXPECT_EQ(program.threads(), 3);
  program.pass(1);
  EXPECT_EQ(program.threads(), 4);
}

TEST(Crowding, EachWaitTakesOneMoreDownToOne) {
  Program program;
  for (const int left : {3, 2, 1, 1}) {
    program.loop(1, 40);
    EXPECT_EQ(program.threads(), left);
  }
}

TEST(Crowding, ThreadsComeBackOneByOne) {
  Program program;
  for (int i = 0; i < 3; ++i) program.loop(1, 40);
  program.pass(1000);
  EXPECT_EQ(program.threads(), 2);
  EXPECT_EQ(program.threads(), 2);
  program.pass(8);
  EXPECT_EQ(program.threads(), 3);
  program.pass(8);
  EXPECT_EQ(program.threads(), 4);
}

/// For how many milliseconds a wait takes a thread away from now on.
int64_t pause_after_a_wait(Program& program) {
  program.loop(1, 40);
  int64_t pause = 0;
  for (; program.threads() < program.wanted; ++pause) program.pass(1);
  return pause;
}

TEST(Crowding, WaitsThatComeAgainSoonMakeItTwiceAsLongUpToHalfASecond) {
  Program program{.wanted = 2};
  for (const int64_t expected : {8, 16, 32, 64, 128, 256, 512, 512})
    EXPECT_EQ(pause_after_a_wait(program), expected);
  program.pass(5000);
  EXPECT_EQ(pause_after_a_wait(program), 8);
}

// Two threads on one processor: the caller is stopped while the other, done, spins, and waits for
// none.
TEST(Crowding, ACallerThatIsStoppedAgainWithinAMomentGivesAThreadUp) {
  Program program{.wanted = 2};
  for (int i = 0; i < 5; ++i) {
    program.pass(20);
    EXPECT_EQ(program.threads(), 2);
    program.crowding.note_stop(program.now);
  }
  program.pass(8);
  program.crowding.note_stop(program.now);
  EXPECT_EQ(program.threads(), 1);
}

TEST(Crowding, AnotherNumberOfThreadsBeginsAnew) {
  Program program;
  program.loop(1, 40);
  program.wanted = 8;
  EXPECT_EQ(program.threads(), 8);
  program.wanted = 4;
  EXPECT_EQ(program.threads(), 4);
}

}  // namespace
}  // namespace rill::kernels
