#include <string>

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
