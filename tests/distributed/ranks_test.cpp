#include <string>
#include <utility>

#include "ranks_paths.h"
#include "run_ranks.h"

// The tests of tests/distributed/ranks, on 1, 2, 3 and 4 ranks.

namespace rill::testing {
namespace {

class Ranks : public ::testing::TestWithParam<int> {};

TEST_P(Ranks, PassTheirTests) {
  RILL_WANT_RANKS();
  const RanksOutcome outcome =
      run_on_ranks(GetParam(), RILL_RANKS_PROGRAM " --gtest_brief=1 --gtest_color=no");
  EXPECT_EQ(outcome.exit_code, 0) << outcome.said;
  EXPECT_NE(outcome.said.find("[  PASSED  ]"), std::string::npos) << outcome.said;
}

INSTANTIATE_TEST_SUITE_P(From1To4, Ranks, ::testing::Values(1, 2, 3, 4));

/// One of the tests that are only run where they are asked for.
RanksOutcome run_alone(int ranks, const std::string& test, const std::string& environment = "") {
  return run_on_ranks(ranks, "env " + environment +
                                 " " RILL_RANKS_PROGRAM
                                 " --gtest_color=no --gtest_also_run_disabled_tests "
                                 "--gtest_catch_exceptions=0 --gtest_filter=" +
                                 test);
}

TEST_P(Ranks, DoNothingTogetherOnceTheirWorldHasEnded) {
  RILL_WANT_RANKS();
  const RanksOutcome outcome = run_alone(GetParam(), "World.DISABLED_EndsAndDoesNothingMore");
  EXPECT_EQ(outcome.exit_code, 0) << outcome.said;
  EXPECT_NE(outcome.said.find("[  PASSED  ] 1 test"), std::string::npos) << outcome.said;
}

/// What differs, and what is said of it.
class Disagreement : public ::testing::TestWithParam<std::pair<const char*, const char*>> {};

TEST_P(Disagreement, OfTwoRanksOnTheirStepIsNamed) {
  RILL_WANT_RANKS();
  const auto& [differs, said] = GetParam();
  const RanksOutcome outcome =
      run_alone(2, "DataParallel.DISABLED_NamesTheStepThatIsNotThatOfOtherRanks",
                std::string("RILL_DIFFERS=") + differs);
  EXPECT_NE(outcome.exit_code, 0);
  EXPECT_NE(outcome.exit_code, 124) << "it did not end by itself: " << outcome.said;
  EXPECT_NE(outcome.said.find(std::string("and others are not: means over ranks are ") + said),
            std::string::npos)
      << outcome.said;
}

INSTANTIATE_TEST_SUITE_P(On, Disagreement,
                         ::testing::Values(std::pair("step", "7.5, 8 and 20"),
                                           std::pair("micro-batches", "7, 8.5 and 20"),
                                           std::pair("rows", "7, 8 and 20.5")));

TEST(Ranks, ThatALauncherStartedForAnotherMpiAreNotOneEach) {
  const RanksOutcome outcome = run_line("PMI_SIZE=2 OMPI_COMM_WORLD_SIZE=2 " RILL_RANKS_PROGRAM);
  EXPECT_EQ(outcome.exit_code, 1);
  const char* const said = why_no_ranks().empty() ? "start it with that library's own mpirun"
                                                  : "install libopenmpi-dev and openmpi-bin";
  EXPECT_NE(outcome.said.find(said), std::string::npos) << outcome.said;
}

TEST(Ranks, OfALauncherThatIsNotKnownDoNotTrainAloneEach) {
  const RanksOutcome outcome = run_line("PALS_RANKID=1 " RILL_RANKS_PROGRAM);
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_NE(outcome.said.find("PALS_RANKID is set"), std::string::npos) << outcome.said;
  EXPECT_NE(outcome.said.find("mpirun of Open MPI or MPICH"), std::string::npos) << outcome.said;
}

}  // namespace
}  // namespace rill::testing
