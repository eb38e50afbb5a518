#include <rill/core/distributed/detail/launcher.h>
#include <rill/core/error.h>

#include <cstdlib>

#include "tests/support/expect.h"

namespace rill::distributed {
namespace {

TEST(Launch, RefusesANumberOfRanksThatIsNone) {
  setenv("SLURM_STEP_NUM_TASKS", "two", 1);
  testing::expect_error<ValueError>([] { launch_of_environment(); }, {"two"});
  unsetenv("SLURM_STEP_NUM_TASKS");
}

}  // namespace
}  // namespace rill::distributed
