# rill_glob(RESULT PATTERN...): the files that match, by their paths in rill's folder, looked for anew
# in each build. What stands for other characters in a pattern stands for itself in the folder's name.
function(rill_glob result)
  string(REGEX REPLACE "([][*?])" "[\\1]" root "${PROJECT_SOURCE_DIR}")
  set(found "")
  foreach(pattern IN LISTS ARGN)
    file(GLOB matching CONFIGURE_DEPENDS RELATIVE "${PROJECT_SOURCE_DIR}" "${root}/${pattern}")
    list(APPEND found ${matching})
  endforeach()
  set(${result} ${found} PARENT_SCOPE)
endfunction()
