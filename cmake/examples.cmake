# One executable for each examples/NAME.cpp and for each folder examples/NAME with a main.cpp. What else
# the folder examples/NAME holds is a library of objects, NAME_parts, so that tests can link it. All
# share examples/support, and a catalogue of what their first comments say.
find_package(CLI11 REQUIRED)

set(RILL_EXAMPLES_BINARY_DIR "${PROJECT_BINARY_DIR}/examples")
set(rill_examples "")
set(rill_example_parts "")

rill_glob(support examples/support/*.cpp)
list(REMOVE_ITEM support examples/support/standard_output.cpp)
find_program(RILL_AWK awk REQUIRED)
rill_glob(described examples/*.cpp examples/*/main.cpp examples/*/*.md)
set(catalogue "${PROJECT_BINARY_DIR}/catalogue.cpp")
set(catalogue_script "${PROJECT_SOURCE_DIR}/cmake/catalogue.awk")
add_custom_command(OUTPUT "${catalogue}"
  COMMAND "${RILL_AWK}" -f "${catalogue_script}" ${described} > "${catalogue}.new"
  COMMAND "${CMAKE_COMMAND}" -E copy_if_different "${catalogue}.new" "${catalogue}"
  DEPENDS ${described} "${catalogue_script}" WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}" VERBATIM)
add_library(rill_example_support STATIC ${support} "${catalogue}")
target_include_directories(rill_example_support PRIVATE "${PROJECT_SOURCE_DIR}")
target_link_libraries(rill_example_support PUBLIC rill::rill CLI11::CLI11 spdlog::spdlog)

# Not in the library, from which nothing would ask for it.
add_library(rill_example_output OBJECT examples/support/standard_output.cpp)
target_compile_features(rill_example_output PRIVATE cxx_std_20)
rill_set_warnings(rill_example_output)

# The time of an example is the library's: to optimise its own code takes longer than it saves.
function(rill_example_flags target)
  rill_set_warnings(${target})
  if(RILL_SANITIZE)
    target_compile_options(${target} PRIVATE -O0)
  elseif(CMAKE_BUILD_TYPE STREQUAL "Release")
    target_compile_options(${target} PRIVATE -O1)
  endif()
endfunction()
rill_example_flags(rill_example_support)

function(rill_example_uses target)
  target_link_libraries(${target} PRIVATE rill_example_support)
  rill_example_flags(${target})
endfunction()

rill_glob(sources examples/*.cpp)
rill_glob(mains examples/*/main.cpp)
foreach(source IN LISTS sources mains)
  get_filename_component(name "${source}" NAME_WE)
  if(name STREQUAL "main")
    get_filename_component(folder "${source}" DIRECTORY)
    get_filename_component(name "${folder}" NAME)
  endif()
  rill_glob(parts "examples/${name}/*.cpp")
  list(REMOVE_ITEM parts "${source}")

  add_executable(${name} "${source}")
  rill_example_uses(${name})
  target_link_libraries(${name} PRIVATE rill_example_output)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${RILL_EXAMPLES_BINARY_DIR}")
  list(APPEND rill_examples ${name})
  if(parts)
    add_library(${name}_parts OBJECT ${parts})
    rill_example_uses(${name}_parts)
    target_link_libraries(${name} PRIVATE ${name}_parts)
    list(APPEND rill_example_parts ${name}_parts)
  endif()
endforeach()

# The scripts of walk_through's page, in the order in which they use each other.
set(playground_scripts formula.js colors.js canvas.js clock.js waves.js words.js rotation.js similarity.js main.js)
set(playground "${PROJECT_SOURCE_DIR}/examples/walk_through/playground")
list(TRANSFORM playground_scripts PREPEND "${playground}/")
rill_embed("${PROJECT_BINARY_DIR}/playground_files.cpp" examples/walk_through/playground.h NAMESPACE walk_through
           playground_style= "${playground}/style.css" playground_body= "${playground}/body.html"
           playground_script= ${playground_scripts})
target_sources(walk_through_parts PRIVATE "${PROJECT_BINARY_DIR}/playground_files.cpp")
target_include_directories(walk_through_parts PRIVATE "${PROJECT_SOURCE_DIR}")

# It trains on many ranks too.
target_link_libraries(tiny_transformer_parts PUBLIC rill::distributed)
target_link_libraries(tiny_transformer PRIVATE rill::distributed)

# These train with the trainer of tiny_transformer.
foreach(name encoding_league learned_positions)
  target_link_libraries(${name} PRIVATE tiny_transformer_parts rill::distributed)
endforeach()
# This reads the sentences of word_order.
target_link_libraries(scale PRIVATE word_order_parts)

# tasks compiles what a learner writes and takes it in while it runs: it holds all of rill, and shows it.
get_target_property(rill_type rill TYPE)
if(rill_type STREQUAL "STATIC_LIBRARY")
  set_target_properties(tasks PROPERTIES LINK_LIBRARY_OVERRIDE "WHOLE_ARCHIVE,rill")
endif()
set_target_properties(tasks PROPERTIES ENABLE_EXPORTS ON)
target_link_libraries(tasks_parts PUBLIC ${CMAKE_DL_LIBS})
# In a header, as for the tests, so that a compiler cache serves checkouts in other folders too.
set(rill_task_paths "${PROJECT_BINARY_DIR}/task_paths")
set(rill_task_flags "${CMAKE_CXX_FLAGS}")
if(APPLE)  # its linker wants to be told of what the program has, its compiler where the system is
  string(APPEND rill_task_flags " -undefined dynamic_lookup")
  if(CMAKE_OSX_SYSROOT)
    string(APPEND rill_task_flags " -isysroot ${CMAKE_OSX_SYSROOT}")
  endif()
  foreach(architecture IN LISTS CMAKE_OSX_ARCHITECTURES)
    string(APPEND rill_task_flags " -arch ${architecture}")
  endforeach()
endif()
file(CONFIGURE OUTPUT "${rill_task_paths}/task_paths.h" @ONLY ESCAPE_QUOTES CONTENT
"#pragma once

#define RILL_EXAMPLES_DIR \"@PROJECT_SOURCE_DIR@/examples\"
#define RILL_TASK_INCLUDE_DIR \"@rill_include_dir@\"
#define RILL_TASK_COMPILER \"@CMAKE_CXX_COMPILER@\"
#define RILL_TASK_FLAGS \"@rill_task_flags@\"
")
target_include_directories(tasks_parts PRIVATE "${rill_task_paths}")
