#include "run_ranks.h"

#include <rill/core/detail/clock.h>
#include <sys/wait.h>

#include <cstdio>
#include <stdexcept>

#include "ranks_paths.h"

namespace rill::testing {

std::string why_no_ranks() {
  if (std::string(RILL_MPIEXEC).empty()) return "rill was built without MPI, or there is no mpirun";
  const bool can_end = run_line("command -v timeout >/dev/null").exit_code == 0;
  return can_end ? "" : "there is no `timeout` to end ranks that hang";
}

RanksOutcome run_line(const std::string& line) {
  FILE* const pipe = popen(("{ " + line + "; } 2>&1 </dev/null").c_str(), "r");
  if (!pipe) throw std::runtime_error("cannot run " + line);
  RanksOutcome outcome;
  char some[4096];
  while (fgets(some, sizeof some, pipe)) {
    outcome.said += some;
    if (outcome.said.ends_with(" ends)\n")) outcome.told = detail::nanoseconds();
  }
  const int status = pclose(pipe);
  outcome.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return outcome;
}

RanksOutcome run_on_ranks(int ranks, const std::string& command) {
  // Leaks are MPI's: Open MPI's are in plugins that are gone, and have no names, by the end.
  return run_line(
      "export ASAN_OPTIONS=\"$ASAN_OPTIONS:detect_leaks=0\"; export OMPI_ALLOW_RUN_AS_ROOT=1 "
      "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 "
      "OMPI_MCA_rmaps_base_oversubscribe=1 PRTE_MCA_rmaps_default_mapping_policy=:oversubscribe "
      "OMPI_MCA_hwloc_base_binding_policy=none PRTE_MCA_hwloc_default_binding_policy=none "
      "OMP_NUM_THREADS=1; timeout -k 5 120 " RILL_MPIEXEC " -n " +
      std::to_string(ranks) + " " + command);
}

}  // namespace rill::testing
