# rill::distributed: World and DataParallel, beside the library, which knows nothing of them. Without MPI it is there
# too, and refuses to be started on several ranks. Another MPI than the default one:
# -DRILL_MPI=REQUIRED -DMPI_CXX_COMPILER=mpicxx.mpich -DMPIEXEC_EXECUTABLE=/usr/bin/mpirun.mpich
set(RILL_MPI AUTO CACHE STRING "Train on many ranks: AUTO where MPI is found, REQUIRED, or OFF")
set_property(CACHE RILL_MPI PROPERTY STRINGS AUTO REQUIRED OFF)
set(rill_mpi_packages "Debian's libopenmpi-dev and openmpi-bin, or libmpich-dev and mpich")
set(rill_has_mpi FALSE)
if(NOT RILL_MPI MATCHES "^(AUTO|REQUIRED|OFF)$")
  message(FATAL_ERROR "RILL_MPI is AUTO, REQUIRED or OFF, found '${RILL_MPI}'")
elseif(NOT RILL_MPI STREQUAL "OFF")
  set(MPI_CXX_SKIP_MPICXX TRUE)
  find_package(MPI COMPONENTS CXX QUIET)
  set(rill_has_mpi ${MPI_CXX_FOUND})
endif()
if(RILL_MPI STREQUAL "REQUIRED" AND NOT rill_has_mpi)
  message(FATAL_ERROR "RILL_MPI=REQUIRED, but no MPI was found: install ${rill_mpi_packages}, or name its compiler by "
                      "MPI_CXX_COMPILER, found '${MPI_CXX_COMPILER}'")
elseif(RILL_MPI STREQUAL "REQUIRED" AND NOT MPIEXEC_EXECUTABLE)
  message(FATAL_ERROR "RILL_MPI=REQUIRED, but MPI's mpirun was not found: install openmpi-bin or mpich, or name it by "
                      "MPIEXEC_EXECUTABLE")
elseif(RILL_MPI STREQUAL "AUTO" AND NOT rill_has_mpi)
  message(STATUS "rill: no MPI; programs train on one rank alone, until ${rill_mpi_packages} are there")
endif()

# How tests and examples/run start ranks; empty where they cannot. MPICH's mpirun would kill all others where one is
# killed, before they have said which.
set(rill_mpiexec "")
if(rill_has_mpi AND MPIEXEC_EXECUTABLE)
  execute_process(COMMAND "${MPIEXEC_EXECUTABLE}" --version OUTPUT_VARIABLE rill_mpiexec_version ERROR_QUIET)
  set(rill_mpiexec "${MPIEXEC_EXECUTABLE}")
  if(rill_mpiexec_version MATCHES "HYDRA")
    list(APPEND rill_mpiexec -disable-auto-cleanup)
  endif()
endif()
set(RILL_MPIEXEC "${rill_mpiexec}" CACHE INTERNAL "Starts ranks, for examples/run")

rill_glob(rill_distributed_sources core/distributed/*.cpp core/distributed/detail/*.cpp)
if(rill_has_mpi)
  list(REMOVE_ITEM rill_distributed_sources core/distributed/detail/without_mpi.cpp)
else()
  list(FILTER rill_distributed_sources EXCLUDE REGEX "/(mpi|mpi_ranks|exchange_thread|line_socket|watchdog)\\.cpp$")
endif()
add_library(rill_distributed STATIC ${rill_distributed_sources})
add_library(rill::distributed ALIAS rill_distributed)
target_link_libraries(rill_distributed PUBLIC rill::rill PRIVATE nlohmann_json::nlohmann_json)
if(rill_has_mpi)
  target_link_libraries(rill_distributed PRIVATE MPI::MPI_CXX)
endif()
rill_set_warnings(rill_distributed)
