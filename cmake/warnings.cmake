# rill_set_warnings(target): the warnings that rill's own code must be free of; none inside another
# project, whose own flags and compiler may know more of them.
function(rill_set_warnings target)
  if(NOT PROJECT_IS_TOP_LEVEL)
    target_compile_options(${target} PRIVATE -w)
    return()
  endif()
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic)
  # g++ 12 warns wrongly of copies where a std::string is put after a literal (GCC bug 105651).
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    target_compile_options(${target} PRIVATE -Wno-restrict -Wno-stringop-overflow)
  endif()
  if(RILL_WERROR)
    target_compile_options(${target} PRIVATE -Werror)
  endif()
endfunction()
