# How rooms, launched programs, backends and their tests become targets.

# -ffp-contract=off: a fused multiply-add rounds once where two operations round twice, so weights, arrivals and
# resamples would differ between machines that have it and machines that don't.
add_library(sightline_options INTERFACE)
target_include_directories(sightline_options INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_options(sightline_options INTERFACE -ffp-contract=off -Wall -Wextra -Wpedantic -Wshadow -Wconversion
                       -Wno-sign-conversion -Wno-missing-field-initializers  # designated initializers name what differs
                       -Werror)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 sees overlaps in std::string's own operator+ that are not there (GCC bug 105651).
  target_compile_options(sightline_options INTERFACE -Wno-restrict)
endif()
target_link_libraries(sightline_options INTERFACE Threads::Threads)
if(SIGHTLINE_SANITIZE)
  target_compile_options(sightline_options INTERFACE -fsanitize=${SIGHTLINE_SANITIZE} -fno-omit-frame-pointer
                         -fno-sanitize-recover=all -Wno-error)  # instrumented code makes g++ warn of what is not there
  target_link_options(sightline_options INTERFACE -fsanitize=${SIGHTLINE_SANITIZE})
endif()

# Headers of other people's libraries: their warnings are not ours.
function(sightline_link_system target)
  foreach(lib IN LISTS ARGN)
    target_link_libraries(${target} PUBLIC ${lib})
    if(TARGET ${lib})
      get_target_property(dirs ${lib} INTERFACE_INCLUDE_DIRECTORIES)
      if(dirs)
        target_include_directories(${target} SYSTEM PUBLIC ${dirs})
      endif()
    endif()
  endforeach()
endfunction()

# One room: a static library of src/NAME/*.cc, and one test program per src/NAME/*_test.cc.
function(sightline_room name)
  cmake_parse_arguments(arg "" "" "ROOMS;LIBS" ${ARGN})
  set(target sightline_${name})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${name}/*.cc)
  set(tests ${sources})
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  list(FILTER sources EXCLUDE REGEX "_(test|benchmark|fuzzer)\\.cc$")
  list(FILTER sources EXCLUDE REGEX "/main\\.cc$")
  if(sources)
    add_library(${target} STATIC ${sources})
  else()
    # A room of headers only still is a target others can name.
    file(WRITE ${CMAKE_BINARY_DIR}/empty/${name}.cc "namespace sightline {}\n")
    add_library(${target} STATIC ${CMAKE_BINARY_DIR}/empty/${name}.cc)
  endif()
  target_link_libraries(${target} PUBLIC sightline_options)
  if(NOT name STREQUAL base)
    target_link_libraries(${target} PUBLIC sightline_base)
    if(NOT name STREQUAL flow)
      target_link_libraries(${target} PUBLIC sightline_flow)
    endif()
  endif()
  foreach(room IN LISTS arg_ROOMS)
    target_link_libraries(${target} PUBLIC sightline_${room})
  endforeach()
  sightline_link_system(${target} ${arg_LIBS})
  if(SIGHTLINE_TESTS)
    foreach(test IN LISTS tests)
      get_filename_component(test_name ${test} NAME_WE)
      set(label unit)
      if(test_name MATCHES "(allocation|scale)_test$")
        # These replace operator new, or run a framework that is not built for sanitizers.
        set(label unsanitized)
      endif()
      sightline_test(${name}_${test_name} SOURCES ${test} LIBS ${target} LABELS ${label})
    endforeach()
  endif()
endfunction()

# sightline_test(NAME SOURCES file... LIBS target... [LABELS label...]): a GoogleTest program run by CTest.
function(sightline_test name)
  cmake_parse_arguments(arg "" "" "SOURCES;LIBS;LABELS" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE ${arg_LIBS} GTest::gmock GTest::gtest_main)
  sightline_register_test(${name} "${arg_LABELS}")
endfunction()

# All tests labelled unit: what the sanitizers build.
add_custom_target(unit_tests)

function(sightline_register_test name labels)
  if("unit" IN_LIST labels)
    add_dependencies(unit_tests ${name})
  endif()
  add_test(NAME ${name} COMMAND ${name} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set_tests_properties(${name} PROPERTIES LABELS "${labels}" TIMEOUT 600
    ENVIRONMENT "SIGHTLINE_BACKEND_PATH=${CMAKE_LIBRARY_OUTPUT_DIRECTORY}/backends;SIGHTLINE_BINARY=${CMAKE_RUNTIME_OUTPUT_DIRECTORY}/sightline;SIGHTLINE_SOURCE_DIR=${CMAKE_SOURCE_DIR}")
endfunction()

# A program in two parts: a thin executable that links nothing, and a shared library with everything, which it opens
# RTLD_LOCAL. So the process's global symbol scope holds no protobuf, gRPC or abseil for a framework to trip over
# (TensorFlow crashes otherwise; see docs/architecture.md), and it works under AddressSanitizer too.
# The library defines `extern "C" int SightlineMain(int, char**)`.
function(sightline_launched_executable name)
  cmake_parse_arguments(arg "" "" "SOURCES;LIBS" ${ARGN})
  add_library(${name}_core SHARED ${arg_SOURCES})
  target_link_libraries(${name}_core PRIVATE ${arg_LIBS})
  target_link_options(${name}_core PRIVATE -Wl,--no-undefined)
  add_executable(${name} ${CMAKE_SOURCE_DIR}/tools/launcher.cc)
  target_link_libraries(${name} PRIVATE sightline_options ${CMAKE_DL_LIBS})
  target_compile_definitions(${name} PRIVATE SIGHTLINE_CORE="../lib/sightline/$<TARGET_FILE_NAME:${name}_core>")
  add_dependencies(${name} ${name}_core)
endfunction()

# sightline_launched_test(NAME SOURCES ... LIBS ... [LABELS ...]): as sightline_test, behind the launcher: for tests
# that load frameworks.
function(sightline_launched_test name)
  cmake_parse_arguments(arg "" "" "SOURCES;LIBS;LABELS" ${ARGN})
  sightline_launched_executable(${name} SOURCES ${arg_SOURCES} ${CMAKE_SOURCE_DIR}/tests/launched_main.cc
                                LIBS ${arg_LIBS} GTest::gmock GTest::gtest)
  sightline_register_test(${name} "${arg_LABELS}")
endfunction()

# sightline_backend(NAME SOURCES file... LIBS target...): a plugin in lib/sightline/backends. Exports only its entry
# point.
function(sightline_backend name)
  cmake_parse_arguments(arg "" "" "SOURCES;LIBS" ${ARGN})
  set(target sightline_backend_${name})
  add_library(${target} MODULE ${arg_SOURCES})
  target_link_libraries(${target} PRIVATE sightline_options sightline_kit)
  foreach(lib IN LISTS arg_LIBS)
    target_link_libraries(${target} PRIVATE ${lib})
    if(TARGET ${lib})
      get_target_property(dirs ${lib} INTERFACE_INCLUDE_DIRECTORIES)
      if(dirs)
        target_include_directories(${target} SYSTEM PRIVATE ${dirs})
      endif()
    endif()
  endforeach()
  # Not even what libstdc++'s headers instantiate: weak symbols of one plugin must not serve another.
  target_link_options(${target} PRIVATE -Wl,--no-undefined -Wl,--exclude-libs,ALL
                      -Wl,--version-script=${CMAKE_SOURCE_DIR}/cmake/backend_exports.map)
  set_property(TARGET ${target} APPEND PROPERTY LINK_DEPENDS ${CMAKE_SOURCE_DIR}/cmake/backend_exports.map)
  set_target_properties(${target} PROPERTIES LIBRARY_OUTPUT_DIRECTORY ${CMAKE_LIBRARY_OUTPUT_DIRECTORY}/backends)
  set_property(GLOBAL APPEND PROPERTY SIGHTLINE_BACKENDS ${name})
endfunction()
