# rill_embed(OUTPUT HEADER [NAMESPACE NAMESPACE] NAME= FILE... [NAME= FILE...]...): OUTPUT is a source that defines
# the functions which HEADER declares in the namespace, rill::inspect::detail where none is given, each with the text
# of its files. Made anew when one changes.
# Each file is a literal of its own: compilers need not take one of more than 65,536 characters.
function(rill_embed output header)
  cmake_parse_arguments(PARSE_ARGV 2 embed "" "NAMESPACE" "")
  if(NOT embed_NAMESPACE)
    set(embed_NAMESPACE rill::inspect::detail)
  endif()
  set(source "// Made by cmake/embed.cmake.\n#include <${header}>\n\nnamespace ${embed_NAMESPACE} {\n")
  set(end "")
  foreach(argument IN LISTS embed_UNPARSED_ARGUMENTS)
    if(argument MATCHES "^(.+)=$")
      string(APPEND source "${end}\nstd::string ${CMAKE_MATCH_1}() {\n  return std::string()")
      set(end ";\n}\n")
    else()
      set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${argument}")
      file(READ "${argument}" text)
      string(APPEND source "\n         .append(R\"rill_text(${text})rill_text\")")
    endif()
  endforeach()
  file(GENERATE OUTPUT "${output}" CONTENT "${source}${end}\n}  // namespace ${embed_NAMESPACE}\n")
endfunction()
