# One executable for each tests/benchmarks/NAME.cpp.
find_package(benchmark REQUIRED)

file(GLOB sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/tests/benchmarks/*.cpp")
foreach(source IN LISTS sources)
  get_filename_component(name "${source}" NAME_WE)
  add_executable(${name}_benchmark "${source}")
  target_link_libraries(${name}_benchmark PRIVATE rill::rill benchmark::benchmark
                                                  OpenMP::OpenMP_CXX)
  rill_set_warnings(${name}_benchmark)
  set_target_properties(${name}_benchmark PROPERTIES
    RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/benchmarks")
endforeach()
