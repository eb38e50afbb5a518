# rill_show_public(target): a shared library shows what <rill/rill.h> declares and hides the rest: kernels,
# what folders named detail hold, templates of others. No declaration says so: each source begins with
# <rill/rill.h> made visible, and all that follows is hidden, whatever a project around rill has set.
# Tests and benchmarks look into private parts: a library that is built with them shows everything.
function(rill_show_public target)
  set_target_properties(${target} PROPERTIES CXX_VISIBILITY_PRESET default VISIBILITY_INLINES_HIDDEN OFF)
  if(NOT BUILD_SHARED_LIBS OR RILL_BUILD_TESTS OR RILL_BUILD_BENCHMARKS)
    return()
  endif()
  set_target_properties(${target} PROPERTIES CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
                                             DISABLE_PRECOMPILE_HEADERS OFF)
  set(header "${PROJECT_BINARY_DIR}/rill_public.h")
  file(CONFIGURE OUTPUT "${header}" CONTENT
"#pragma once
#pragma GCC visibility push(default)
#include <rill/rill.h>
#pragma GCC visibility pop
")
  if(CMAKE_CXX_COMPILER_LAUNCHER)  # a compiler cache does better without a precompiled header
    target_compile_options(${target} PRIVATE "SHELL:-include \"${header}\"")
  else()
    target_precompile_headers(${target} PRIVATE "${header}")
  endif()
  if(CMAKE_SYSTEM_NAME STREQUAL "Linux")
    set(map "${PROJECT_SOURCE_DIR}/cmake/exports.map")
    target_link_options(${target} PRIVATE "LINKER:--version-script=${map}")
    set_target_properties(${target} PROPERTIES LINK_DEPENDS "${map}")
  endif()
endfunction()
