# The target docs: a reference of what <rill/rill.h> includes, docs/html/index.html in the build folder, with
# the documents. A comment that Doxygen cannot make sense of fails it.
find_package(Doxygen QUIET)
if(NOT DOXYGEN_FOUND)
  return()
endif()
list(TRANSFORM rill_public_headers PREPEND "${rill_include_dir}/rill/" OUTPUT_VARIABLE headers)
rill_glob(documents *.md examples/*/*.md tests/benchmarks/*.md)
list(TRANSFORM documents PREPEND "${PROJECT_SOURCE_DIR}/")
set(documented ${headers} ${documents})
list(JOIN documented "\" \"" documented)
configure_file("${CMAKE_CURRENT_LIST_DIR}/Doxyfile.in" "${PROJECT_BINARY_DIR}/Doxyfile" @ONLY)
add_custom_target(docs COMMAND Doxygen::doxygen "${PROJECT_BINARY_DIR}/Doxyfile" VERBATIM)
# Documents lead to sources, and lessons show pictures beside their folder.
foreach(folder IN ITEMS core examples nn optim tests)
  add_custom_command(TARGET docs POST_BUILD COMMAND "${CMAKE_COMMAND}" -E create_symlink
    "${PROJECT_SOURCE_DIR}/${folder}" "${PROJECT_BINARY_DIR}/docs/html/${folder}" VERBATIM)
endforeach()
add_custom_command(TARGET docs POST_BUILD COMMAND "${CMAKE_COMMAND}" -E create_symlink
  "${PROJECT_SOURCE_DIR}/examples/pictures" "${PROJECT_BINARY_DIR}/docs/pictures" VERBATIM)
