# Fuzzers: tests/fuzz/NAME.cpp becomes NAME_fuzz, and tests/fuzz/corpus/NAME.cpp NAME_corpus, which
# writes the files that it begins with. Programs in tests/fuzz/differential keep their names. All want
# clang, whose libFuzzer they use.
if(NOT CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  message(FATAL_ERROR "rill: fuzzers want clang, with -DCMAKE_CXX_COMPILER=clang++; on Debian its "
                      "libFuzzer is in libclang-rt-14-dev")
endif()

function(rill_add_fuzz_programs pattern suffix)
  rill_glob(sources ${pattern})
  foreach(source IN LISTS sources)
    cmake_path(GET source STEM name)
    add_executable(${name}${suffix} ${source})
    target_link_libraries(${name}${suffix} PRIVATE rill::rill)
    target_link_options(${name}${suffix} PRIVATE ${ARGN})
    rill_set_warnings(${name}${suffix})
    set_target_properties(${name}${suffix} PROPERTIES
                          RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/fuzz")
  endforeach()
endfunction()

rill_add_fuzz_programs(tests/fuzz/*.cpp _fuzz -fsanitize=fuzzer)
rill_add_fuzz_programs(tests/fuzz/corpus/*.cpp _corpus -fsanitize=fuzzer-no-link)
rill_add_fuzz_programs(tests/fuzz/differential/*.cpp "" -fsanitize=fuzzer-no-link)
