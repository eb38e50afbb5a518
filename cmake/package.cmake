# Install rules, and the files by which find_package(rill) and pkg-config find it. What programs need to run is
# the component runtime, what rill::distributed adds the component distributed, all else development.
include(CMakePackageConfigHelpers)

set(CMAKE_INSTALL_DEFAULT_COMPONENT_NAME development)
set(package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/rill")
install(TARGETS rill EXPORT rill-targets LIBRARY COMPONENT runtime NAMELINK_COMPONENT development)
install(EXPORT rill-targets NAMESPACE rill:: DESTINATION "${package_dir}")
install(DIRECTORY core nn optim DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/rill"
        FILES_MATCHING PATTERN "*.h" PATTERN detail EXCLUDE PATTERN core/ops EXCLUDE PATTERN core/distributed EXCLUDE
        PATTERN core/inspect/flow EXCLUDE PATTERN core/inspect/chart_page EXCLUDE PATTERN kernels EXCLUDE PATTERN backward.h EXCLUDE)
install(FILES core/kernels/float_state.h  # which <rill/core/op.h> includes
        DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/rill/core/kernels")
install(FILES "${rill_include_dir}/rill/rill.h" "${rill_include_dir}/rill/tensor_members.h"
              "${rill_include_dir}/rill/signatures.h" "${rill_include_dir}/rill/version.h"
        DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/rill")
install(FILES LICENSE DESTINATION "${CMAKE_INSTALL_DOCDIR}" COMPONENT licence)

# Apart, so that who does not ask for it needs no MPI.
install(TARGETS rill_distributed EXPORT rill-distributed-targets COMPONENT distributed)
install(EXPORT rill-distributed-targets NAMESPACE rill:: DESTINATION "${package_dir}" COMPONENT distributed)
install(DIRECTORY core/distributed DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/rill/core" COMPONENT distributed
        FILES_MATCHING PATTERN "*.h" PATTERN detail EXCLUDE)

get_target_property(rill_type rill TYPE)
configure_package_config_file("${CMAKE_CURRENT_LIST_DIR}/rill-config.cmake.in"
                              "${PROJECT_BINARY_DIR}/rill-config.cmake"
                              INSTALL_DESTINATION "${package_dir}")
write_basic_package_version_file("${PROJECT_BINARY_DIR}/rill-config-version.cmake"
                                 COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/rill-config.cmake"
              "${PROJECT_BINARY_DIR}/rill-config-version.cmake"
              "${CMAKE_CURRENT_LIST_DIR}/openblas.cmake"
        DESTINATION "${package_dir}")

# What is linked beside rill is private to a shared library, and for all where there is only a static one.
# The folder of OpenBLAS, where it is not one of the system's, is on the run path too.
block()
  file(RELATIVE_PATH prefix "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" /)
  string(REGEX REPLACE "/$" "" prefix "${prefix}")
  set(libs_private "${RILL_OPENBLAS_LIBRARY}")
  get_filename_component(folder "${RILL_OPENBLAS_LIBRARY}" DIRECTORY)
  if(NOT folder IN_LIST CMAKE_CXX_IMPLICIT_LINK_DIRECTORIES)
    string(APPEND libs_private " -Wl,-rpath,${folder}")
  endif()
  string(APPEND libs_private " ${OpenMP_CXX_FLAGS} ${CMAKE_THREAD_LIBS_INIT}")
  set(private .private)
  if(rill_type STREQUAL "STATIC_LIBRARY")
    set(libs " ${libs_private}")
    set(libs_private "")
    set(private "")
  endif()
  configure_file("${CMAKE_CURRENT_LIST_DIR}/rill.pc.in" "${PROJECT_BINARY_DIR}/rill.pc" @ONLY)
endblock()
install(FILES "${PROJECT_BINARY_DIR}/rill.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
