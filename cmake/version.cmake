# Gives src/base/version.cc the version, the source revision and the build type.
# In a container the checkout may belong to another user.
execute_process(COMMAND git -c safe.directory=${CMAKE_SOURCE_DIR} -C ${CMAKE_SOURCE_DIR} describe --always --dirty OUTPUT_VARIABLE revision
                OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failed)
if(failed)
  set(revision "no revision")
endif()
set_source_files_properties(${CMAKE_SOURCE_DIR}/src/base/version.cc PROPERTIES COMPILE_DEFINITIONS
  "SIGHTLINE_VERSION=\"${PROJECT_VERSION}\";SIGHTLINE_REVISION=\"${revision}\";SIGHTLINE_BUILD_TYPE=\"${CMAKE_BUILD_TYPE}\"")
