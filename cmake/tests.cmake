# One executable for each folder of tests: tests/core/**.cpp is rill_core_tests, and so on. All link
# tests/support. Their paths are listed in <build>/tests/executables, which tests/run reads.
find_package(GTest REQUIRED)
find_package(nlohmann_json REQUIRED)

set(tests_binary_dir "${PROJECT_BINARY_DIR}/tests")

add_library(rill_test_base INTERFACE)
target_link_libraries(rill_test_base INTERFACE rill::rill GTest::gtest GTest::gtest_main
                                               nlohmann_json::nlohmann_json)
# In a header and not among the flags, so that a compiler cache serves checkouts in other folders too.
file(CONFIGURE OUTPUT "${tests_binary_dir}/include/test_paths.h" @ONLY CONTENT
"#pragma once

#define RILL_SOURCE_DIR \"@PROJECT_SOURCE_DIR@\"
#define RILL_REFERENCE_DIR \"@PROJECT_SOURCE_DIR@/tests/reference\"
#define RILL_EXAMPLES_BINARY_DIR \"@PROJECT_BINARY_DIR@/examples\"
")
# Tests call an op just to see it throw, or to see who is told of it.
target_compile_options(rill_test_base INTERFACE -Wno-unused-result)
# The time of a test is the library's: to optimise the tests themselves takes longer than it saves.
target_compile_options(rill_test_base INTERFACE -O0)
target_include_directories(rill_test_base INTERFACE "${PROJECT_SOURCE_DIR}"
                                                    "${tests_binary_dir}/include")

# The precompiled <gtest/gtest.h> is shared by all; a compiler cache does better without it.
add_library(rill_test_support OBJECT)
rill_glob(support tests/support/*.cpp)
file(WRITE "${tests_binary_dir}/support.cpp" "// Carries the precompiled header of the tests.\n")
target_sources(rill_test_support PRIVATE ${support} "${tests_binary_dir}/support.cpp")
target_link_libraries(rill_test_support PUBLIC rill_test_base)
rill_set_warnings(rill_test_support)
if(NOT CMAKE_CXX_COMPILER_LAUNCHER)
  target_precompile_headers(rill_test_support PRIVATE <gtest/gtest.h> <cmath> <string> <vector>)
endif()

function(rill_add_tests name)
  add_executable(${name} ${ARGN})
  target_link_libraries(${name} PRIVATE rill_test_support)
  rill_set_warnings(${name})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${tests_binary_dir}")
  if(NOT CMAKE_CXX_COMPILER_LAUNCHER)
    target_precompile_headers(${name} REUSE_FROM rill_test_support)
  endif()
  add_test(NAME ${name} COMMAND ${name})
  add_dependencies(rill_tests ${name})
endfunction()

add_custom_target(rill_tests)
set(executables "")
rill_glob(sources tests/*/*.cpp tests/*/*/*.cpp)
list(FILTER sources EXCLUDE REGEX "^tests/(support|reference|benchmarks|fuzz|package|documents|distributed/ranks)/")
if(NOT rill_has_mpi)  # what there is with MPI alone
  list(REMOVE_ITEM sources tests/distributed/watchdog_test.cpp tests/distributed/exchange_thread_test.cpp)
endif()
list(TRANSFORM sources REPLACE "tests/([^/]+)/.*" "\\1" OUTPUT_VARIABLE folders)
list(REMOVE_DUPLICATES folders)
foreach(folder IN LISTS folders)
  set(members ${sources})
  list(FILTER members INCLUDE REGEX "^tests/${folder}/")
  rill_add_tests(rill_${folder}_tests ${members})
  string(APPEND executables "${tests_binary_dir}/rill_${folder}_tests\n")
endforeach()

# The snippets of the documents are compiled and run too, and what they name is looked for.
rill_glob(document_tests tests/documents/*.cpp)
rill_glob(documents README.md CONTRIBUTING.md examples/*/*.md)
if(documents)
  find_program(RILL_AWK awk REQUIRED)
  set(snippets_script "${PROJECT_SOURCE_DIR}/cmake/snippets.awk")
  add_custom_command(OUTPUT "${tests_binary_dir}/snippets.cpp"
    COMMAND "${RILL_AWK}" -f "${snippets_script}" ${documents} > "${tests_binary_dir}/snippets.cpp"
    DEPENDS ${documents} "${snippets_script}" WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}" VERBATIM)
  rill_add_tests(rill_document_tests "${tests_binary_dir}/snippets.cpp" ${document_tests})
  target_compile_definitions(rill_document_tests PRIVATE
                             RILL_INCLUDE_DIR="${rill_include_dir}/rill")
  target_compile_options(rill_document_tests PRIVATE -Wno-unused-variable
                                                     -Wno-unused-but-set-variable)
  string(APPEND executables "${tests_binary_dir}/rill_document_tests\n")
endif()
file(WRITE "${tests_binary_dir}/executables" "${executables}")

# Tests of the examples call their parts, and run the programs themselves.
if(TARGET rill_examples_tests AND RILL_BUILD_EXAMPLES)
  target_link_libraries(rill_examples_tests PRIVATE ${rill_example_parts} rill_example_support)
  add_dependencies(rill_examples_tests ${rill_examples})
endif()

# Tests of ranks start one program on several of them, by mpirun.
rill_glob(rank_tests tests/distributed/ranks/*.cpp)
add_executable(rill_ranks ${rank_tests})
target_link_libraries(rill_ranks PRIVATE rill_test_support rill::distributed)
rill_set_warnings(rill_ranks)
set_target_properties(rill_ranks PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${tests_binary_dir}")
list(JOIN rill_mpiexec " " rill_mpiexec)
file(CONFIGURE OUTPUT "${tests_binary_dir}/ranks/ranks_paths.h" @ONLY CONTENT
"#pragma once

#define RILL_MPIEXEC \"@rill_mpiexec@\"
#define RILL_RANKS_PROGRAM \"@tests_binary_dir@/rill_ranks\"
#define RILL_TINY_TRANSFORMER \"@PROJECT_BINARY_DIR@/examples/tiny_transformer\"
")
target_include_directories(rill_distributed_tests PRIVATE "${tests_binary_dir}/ranks")
target_link_libraries(rill_distributed_tests PRIVATE rill::distributed)
add_dependencies(rill_distributed_tests rill_ranks)
if(RILL_BUILD_EXAMPLES)
  add_dependencies(rill_distributed_tests tiny_transformer)
endif()
