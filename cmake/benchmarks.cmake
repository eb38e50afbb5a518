# One executable for each tests/benchmarks/NAME.cpp and for each folder tests/benchmarks/NAME with a
# main.cpp.
find_package(benchmark REQUIRED)
find_package(CLI11 REQUIRED)

file(GLOB sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/tests/benchmarks/*.cpp")
file(GLOB mains CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/tests/benchmarks/*/main.cpp")
foreach(source IN LISTS sources mains)
  get_filename_component(name "${source}" NAME_WE)
  if(name STREQUAL "main")
    get_filename_component(folder "${source}" DIRECTORY)
    get_filename_component(name "${folder}" NAME)
    file(GLOB source CONFIGURE_DEPENDS "${folder}/*.cpp")
  endif()
  add_executable(${name}_benchmark ${source})
  target_link_libraries(${name}_benchmark PRIVATE
    rill::rill rill_openblas OpenMP::OpenMP_CXX benchmark::benchmark CLI11::CLI11
    nlohmann_json::nlohmann_json)
  rill_set_warnings(${name}_benchmark)
  set_target_properties(${name}_benchmark PROPERTIES
    RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/benchmarks")
endforeach()
