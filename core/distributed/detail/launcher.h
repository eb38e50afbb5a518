#pragma once

#include <optional>
#include <string>

namespace rill::distributed {

/// What a launcher says of the ranks that it started, in the environment.
struct Launch {
  std::string variable;  // that says so, as "OMPI_COMM_WORLD_SIZE"
  int size;
};

/// Nothing where this process was not started by a launcher that is known: mpirun of Open MPI and
/// of MPICH, or Slurm's srun. Throws ValueError for a number of ranks that is none, and Error where
/// some other launcher shows, lest each of its processes trains alone.
std::optional<Launch> launch_of_environment();

}  // namespace rill::distributed
