# What the library itself stands on. Tests, examples and benchmarks find their own.
include(openblas)
find_package(Threads REQUIRED)
find_package(OpenMP REQUIRED COMPONENTS CXX)
find_package(spdlog REQUIRED)
find_package(nlohmann_json REQUIRED)

# Vega, which pages embed when they are written, from Debian's libjs-vega. The library builds without.
find_path(RILL_VEGA_DIR vega-view.min.js PATHS /usr/share/javascript/vega NO_DEFAULT_PATH)
mark_as_advanced(RILL_VEGA_DIR)
if(NOT RILL_VEGA_DIR)
  message(STATUS "rill: Vega was not found; pages can show charts once Debian's libjs-vega is there")
  set(RILL_VEGA_DIR /usr/share/javascript/vega)
endif()
