#include <rill/core/distributed/detail/ranks.h>
#include <rill/core/error.h>

// Stands for mpi_ranks.cpp and all that it uses.

namespace rill::distributed {

std::string mpi::library() { return ""; }

std::unique_ptr<Ranks> begin_ranks(const Launch& launch) {
  fail<Error>("a launcher started ", launch.size, " ranks (", launch.variable,
              "), but rill was built without MPI: install libopenmpi-dev and openmpi-bin (or "
              "libmpich-dev and mpich), configure with -DRILL_MPI=REQUIRED, and build again");
}

}  // namespace rill::distributed
