# One executable for each tests/benchmarks/NAME.cpp. What those that train share is in training/.
find_package(benchmark REQUIRED)
find_package(CLI11 REQUIRED)

rill_glob(shared tests/benchmarks/training/*.cpp)
add_library(rill_benchmark_training STATIC EXCLUDE_FROM_ALL ${shared})
target_link_libraries(rill_benchmark_training PRIVATE rill::rill nlohmann_json::nlohmann_json CLI11::CLI11)
rill_set_warnings(rill_benchmark_training)
# What is timed is not always looked at.
target_compile_options(rill_benchmark_training PUBLIC -Wno-unused-result)

rill_glob(sources tests/benchmarks/*.cpp)
foreach(source IN LISTS sources)
  get_filename_component(name "${source}" NAME_WE)
  add_executable(${name}_benchmark "${source}")
  target_link_libraries(${name}_benchmark PRIVATE
    rill_benchmark_training rill::rill rill_openblas OpenMP::OpenMP_CXX benchmark::benchmark
    CLI11::CLI11 nlohmann_json::nlohmann_json)
  rill_set_warnings(${name}_benchmark)
  set_target_properties(${name}_benchmark PROPERTIES
    RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/benchmarks")
endforeach()
target_link_libraries(ranks_benchmark PRIVATE rill::distributed)
