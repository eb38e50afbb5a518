# Debian packages, by `cpack -G DEB` in the build folder: librill-dev and, where rill is a shared library, that
# as librill0.1. They are for the release of Debian on which they are made.
set(CPACK_PACKAGE_CONTACT "rill developers <rill@localhost>" CACHE STRING "Who maintains the packages")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_COMPONENTS_ALL development)

set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME librill-dev)
set(CPACK_COMPONENT_DEVELOPMENT_DESCRIPTION "What programs that use rill are compiled with.")
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
string(REGEX MATCH "^([0-9]+)\\.([0-9]+)" spdlog_minor "${spdlog_VERSION}")
math(EXPR spdlog_next "${CMAKE_MATCH_2} + 1")
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS "libopenblas-openmp-dev, libspdlog-dev (>= 1:${spdlog_minor}), \
libspdlog-dev (<< 1:${CMAKE_MATCH_1}.${spdlog_next})")
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_RECOMMENDS "libjs-vega, graphviz")

if(rill_type STREQUAL "SHARED_LIBRARY")
  get_target_property(soversion rill SOVERSION)
  list(APPEND CPACK_COMPONENTS_ALL runtime)
  set(CPACK_DEBIAN_RUNTIME_PACKAGE_NAME librill${soversion})
  set(CPACK_COMPONENT_RUNTIME_DESCRIPTION "What programs that use rill run with.")
  set(CPACK_DEBIAN_RUNTIME_PACKAGE_SECTION libs)
  set(CPACK_DEBIAN_RUNTIME_PACKAGE_SHLIBDEPS ON)
  set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON)
  set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS_POLICY ">=")
  set(CPACK_DEBIAN_RUNTIME_PACKAGE_DEPENDS libopenblas0-openmp)
  set(CPACK_DEBIAN_RUNTIME_PACKAGE_RECOMMENDS "libjs-vega, graphviz")
  string(APPEND CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS ", librill${soversion} (= ${PROJECT_VERSION})")
  unset(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_RECOMMENDS)
endif()

foreach(component IN LISTS CPACK_COMPONENTS_ALL)
  string(TOUPPER ${component} upper)
  install(FILES LICENSE DESTINATION share/doc/${CPACK_DEBIAN_${upper}_PACKAGE_NAME} RENAME copyright
          COMPONENT ${component} EXCLUDE_FROM_ALL)
endforeach()
include(CPack)
