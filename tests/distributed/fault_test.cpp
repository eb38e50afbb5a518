#include <rill/core/detail/clock.h>
#include <rill/core/io/checkpoint_folder.h>

#include <chrono>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>

#include "ranks_paths.h"
#include "run_ranks.h"
#include "tests/support/own_folder.h"

// One rank of three does not come to the end of step 3: all others say so, and end. The faults are
// those of tests/distributed/ranks/fault_test.cpp.

namespace rill::testing {
namespace {

int count_of(const std::string& part, const std::string& text) {
  int count = 0;
  for (size_t at = 0; (at = text.find(part, at)) != std::string::npos; ++at) ++count;
  return count;
}

/// The processes that were started with this among their arguments.
std::string found_processes_with(const std::string& argument) {
  std::string found;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator("/proc", none)) {
    std::ifstream file(entry.path() / "cmdline", std::ios::binary);
    const std::string line{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    if (line.find(argument) != std::string::npos) found += entry.path().filename().string() + " ";
  }
  return found;
}

/// Those that are still there after a second or two: a launcher does not wait for all that it ends.
std::string processes_with(const std::string& argument) {
  std::string found = found_processes_with(argument);
  for (int looks = 0; !found.empty() && looks < 20; ++looks) {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    found = found_processes_with(argument);
  }
  return found;
}

/// The parameter is the rank with the fault; 0 is the one to which all others are connected.
class Fault : public OwnFolder, public ::testing::WithParamInterface<int> {
 protected:
  void SetUp() override {
    RILL_WANT_RANKS();
    OwnFolder::SetUp();
  }

  /// What each rank runs: a shell, as examples/run has it, which says with which code it ended. As
  /// in tiny_transformer, SIGTERM, which Open MPI's mpirun sends to those left, does not end them.
  std::string command(const std::string& fault) const {
    return "env RILL_FAULTY_RANK=" + rank() + " RILL_CHECKPOINTS=" + path("checkpoints") +
           " sh -c 'trap \"\" TERM; trap : USR1; " RILL_RANKS_PROGRAM " --run=" + folder_.string() +
           " --gtest_also_run_disabled_tests --gtest_catch_exceptions=0 "
           "--gtest_filter=Fault.DISABLED_" +
           fault + "; code=$?; echo \"a rank ended with $code.\" >&2; exit $code'";
  }
  std::string rank() const { return std::to_string(GetParam()); }

  /// What all ranks said, who told of the fault within 10 s, came to a bad end, and left nothing
  /// but checkpoints.
  std::string said_of(const std::string& fault, int ranks = 3) const {
    const RanksOutcome outcome = run_on_ranks(ranks, command(fault));
    const int64_t told = outcome.told ? outcome.told : detail::nanoseconds();
    EXPECT_NE(outcome.exit_code, 124) << "it did not end by itself: " << outcome.said;
    // MPICH's launcher may take a rank that ends with 0 for the end of all.
    const bool exits = fault == "Exits";
    if (!exits) {
      EXPECT_NE(outcome.exit_code, 0) << outcome.said;
    }
    EXPECT_EQ(count_of(" ended with 0.", outcome.said), exits ? 1 : 0) << outcome.said;
    const size_t at = outcome.said.find("fault at ");
    if (at == std::string::npos)
      ADD_FAILURE() << "it had no fault: " << outcome.said;
    else
      EXPECT_LE(told - std::stoll(outcome.said.substr(at + 9)), 10'000'000'000) << outcome.said;
    EXPECT_EQ(processes_with("--run=" + folder_.string()), "") << outcome.said;
    return outcome.said;
  }
  void expect_from_others(const std::string& said, const std::string& text) const {
    for (const int r : {0, 1, 2}) {
      if (r == GetParam()) continue;
      const std::string all = text + " (rank " + std::to_string(r) + ", at step 3, bucket ";
      EXPECT_EQ(count_of(all, said), 1) << "not said: " << all << ", but: " << said;
    }
  }
  void expect_checkpoint() const {
    const auto saved = CheckpointFolder(path("checkpoints")).load_newest();
    ASSERT_TRUE(saved);
    EXPECT_EQ(saved->step, 3);
    EXPECT_EQ((*saved)["model"].size(), 1U);
  }
};

TEST_P(Fault, ARankThatIsKilledIsMissedByAllOthers) {
  expect_from_others(said_of("Killed"), "rank " + rank() +
                                            " is missing: its process has ended; it "
                                            "was last heard of at step 3");
  expect_checkpoint();
}

TEST_P(Fault, ARankThatIsStoppedIsMissedByAllOthers) {
  expect_from_others(said_of("Stopped"), "rank " + rank() +
                                             " is missing: nothing was heard of it "
                                             "for 5 s; it was last heard of at step 3");
  expect_checkpoint();
}

TEST_P(Fault, ARankThatIsStoppedIsEndedByTheOnlyOther) {
  const std::string said = said_of("Stopped", 2);
  EXPECT_EQ(count_of("rank " + rank() + " is missing: nothing was heard", said), 1) << said;
}

TEST_P(Fault, ARankThatThrowsTellsAllOthersWhy) {
  expect_from_others(said_of("Throws"),
                     "rank " + rank() + " has failed at step 3: the disk is full");
  expect_checkpoint();
}

TEST_P(Fault, ARankThatJustExitsIsMissedByAllOthers) {
  expect_from_others(said_of("Exits"), "rank " + rank() +
                                           " is missing: its process has ended; it "
                                           "was last heard of at step 3");
  expect_checkpoint();
}

TEST_P(Fault, ARankWhoseWorldEndsByAnExceptionTellsAllOthers) {
  expect_from_others(said_of("EndsByAnException"), "rank " + rank() +
                                                       " has failed at step 3: an exception "
                                                       "ended it");
}

TEST_P(Fault, ARankThatIsStoppedWhereAllOthersEndMpiIsMissedByThem) {
  const std::string said = said_of("EndsWhereOneIsStopped");
  EXPECT_EQ(count_of("rank " + rank() + " is missing: nothing was heard", said), 2) << said;
}

class LateRank : public Fault {};

TEST_P(LateRank, IsNamedAndWaitedFor) {
  const RanksOutcome outcome = run_on_ranks(3, command("IsLate"));
  EXPECT_EQ(outcome.exit_code, 0) << outcome.said;
  const char* const said = "rill: rank 1 is alive, but has not come to step 3, bucket 0 for 10 s";
  EXPECT_EQ(count_of(said, outcome.said), 1) << outcome.said;
  EXPECT_EQ(count_of("rank 1 is alive", outcome.said), count_of("is alive", outcome.said));
}

TEST_P(Fault, AnErrorOfMpiNamesItsCallTheRankAndTheStep) {
  const std::string said = said_of("SendsTooMuch");
  EXPECT_GE(count_of("MPI_Testall: ", said), 1) << said;
  EXPECT_GE(count_of("truncated", said), 1) << said;
  EXPECT_GE(count_of(", step 3, bucket 9)", said), 1) << said;
}

INSTANTIATE_TEST_SUITE_P(OfRank, Fault, ::testing::Values(0, 1));
INSTANTIATE_TEST_SUITE_P(OfRank, LateRank, ::testing::Values(1));

}  // namespace
}  // namespace rill::testing
