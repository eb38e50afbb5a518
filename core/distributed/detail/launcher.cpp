#include <rill/core/distributed/detail/launcher.h>

#include <cstdlib>

#include <rill/core/error.h>

namespace rill::distributed {
namespace {

int parsed(const char* variable, const char* text) {
  char* end = nullptr;
  const long size = std::strtol(text, &end, 10);
  if (end == text || *end != 0 || size < 1 || size > 1'000'000)
    fail<ValueError>(variable, " says how many ranks there are: '", text, "' is no such number");
  return static_cast<int>(size);
}

}  // namespace

std::optional<Launch> launch_of_environment() {
  for (const char* variable : {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "SLURM_STEP_NUM_TASKS"})
    if (const char* text = std::getenv(variable)) return Launch{variable, parsed(variable, text)};
  for (const char* variable :
       {"PMIX_RANK", "PMI_RANK", "PALS_RANKID", "ALPS_APP_PE", "JSM_NAMESPACE_RANK"})
    if (std::getenv(variable))
      fail<Error>(
          variable,
          " is set, as by a launcher of ranks, which does not say how many it has started: use "
          "mpirun of Open MPI or MPICH, or srun, or unset it to train on one rank");
  return {};
}

}  // namespace rill::distributed
