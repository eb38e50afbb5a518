# What the library itself stands on. Tests, examples and benchmarks find their own.
include(openblas)
find_package(Threads REQUIRED)
find_package(OpenMP REQUIRED COMPONENTS CXX)
find_package(spdlog REQUIRED)
