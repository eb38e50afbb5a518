# Sanitizers and coverage hold for every target, so that library and programs agree.
if(RILL_SANITIZE)
  add_compile_options(-fsanitize=${RILL_SANITIZE} -fno-sanitize-recover=all
                      -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${RILL_SANITIZE})
  if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")  # loops that look at every access are not vectorised, as they ask
    add_compile_options(-Wno-pass-failed)
  endif()
endif()

if(RILL_BUILD_FUZZERS)  # libFuzzer watches which branches of the library an input takes
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

if(RILL_COVERAGE)
  add_compile_options(--coverage)
  add_link_options(--coverage)
endif()
