# Defines the target rill_openblas. Installed with the package, where it serves find_package(rill).
#
# Debian keeps its OpenBLAS flavours apart, and update-alternatives picks one of them at run time.
# rill needs the OpenMP flavour, so its folder is searched first and named in full: CMake then puts
# it on the run path. Elsewhere any OpenBLAS will do: pkg-config's, or the one in the usual folders.
if(NOT TARGET rill_openblas)
  set(rill_openblas_flavour "${CMAKE_LIBRARY_ARCHITECTURE}/openblas-openmp")
  find_package(PkgConfig QUIET)
  if(PkgConfig_FOUND)
    pkg_check_modules(RILL_PC_OPENBLAS QUIET openblas)
  endif()

  find_path(RILL_OPENBLAS_INCLUDE_DIR cblas.h
            HINTS "/usr/include/${rill_openblas_flavour}" ${RILL_PC_OPENBLAS_INCLUDE_DIRS}
            PATH_SUFFIXES openblas)
  find_library(RILL_OPENBLAS_LIBRARY openblas
               HINTS "/usr/lib/${rill_openblas_flavour}" ${RILL_PC_OPENBLAS_LIBRARY_DIRS})
  mark_as_advanced(RILL_OPENBLAS_INCLUDE_DIR RILL_OPENBLAS_LIBRARY)
  if(NOT RILL_OPENBLAS_INCLUDE_DIR OR NOT RILL_OPENBLAS_LIBRARY)
    message(FATAL_ERROR
      "rill: OpenBLAS was not found. On Debian: apt-get install libopenblas-openmp-dev. Elsewhere "
      "put its folder into CMAKE_PREFIX_PATH, or set RILL_OPENBLAS_INCLUDE_DIR and "
      "RILL_OPENBLAS_LIBRARY.")
  endif()

  add_library(rill_openblas INTERFACE IMPORTED)
  set_target_properties(rill_openblas PROPERTIES
    INTERFACE_INCLUDE_DIRECTORIES "${RILL_OPENBLAS_INCLUDE_DIR}"
    INTERFACE_LINK_LIBRARIES "${RILL_OPENBLAS_LIBRARY}")
endif()
