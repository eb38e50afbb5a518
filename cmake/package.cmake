# Install rules, and the files by which find_package(rill) finds rill::rill.
include(CMakePackageConfigHelpers)

set(package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/rill")
install(TARGETS rill EXPORT rill-targets)
install(EXPORT rill-targets NAMESPACE rill:: DESTINATION "${package_dir}")
install(DIRECTORY core nn optim DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/rill"
        FILES_MATCHING PATTERN "*.h"
        PATTERN detail EXCLUDE PATTERN simd EXCLUDE PATTERN backward.h EXCLUDE)
install(FILES LICENSE DESTINATION "${CMAKE_INSTALL_DOCDIR}")
install(FILES "${rill_include_dir}/rill/rill.h" "${rill_include_dir}/rill/tensor_members.h"
        DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/rill")

configure_package_config_file("${CMAKE_CURRENT_LIST_DIR}/rill-config.cmake.in"
                              "${PROJECT_BINARY_DIR}/rill-config.cmake"
                              INSTALL_DESTINATION "${package_dir}")
write_basic_package_version_file("${PROJECT_BINARY_DIR}/rill-config-version.cmake"
                                 COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/rill-config.cmake"
              "${PROJECT_BINARY_DIR}/rill-config-version.cmake"
              "${CMAKE_CURRENT_LIST_DIR}/openblas.cmake"
        DESTINATION "${package_dir}")
