# Fuzzers of what comes from outside, with libFuzzer: src/ROOM/NAME_fuzzer.cc becomes ROOM_NAME_fuzzer, its corpus is
# tests/fuzz/NAME/. They need clang-19 and libclang-rt-19-dev and are built by hand, of everything instrumented:
#   cmake -S . -B build-fuzz -G Ninja -DCMAKE_CXX_COMPILER=clang++-19 -DCMAKE_C_COMPILER=clang-19 -DSIGHTLINE_FUZZERS=ON
#         -DSIGHTLINE_SANITIZE=address,undefined -DCMAKE_BUILD_TYPE=RelWithDebInfo
#   ninja -C build-fuzz wire_infer_json_fuzzer
#   build-fuzz/bin/wire_infer_json_fuzzer -max_total_time=60 NEW_CASES/ tests/fuzz/infer_json/
if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  message(FATAL_ERROR "SIGHTLINE_FUZZERS needs clang, for its libFuzzer: configure with -DCMAKE_CXX_COMPILER=clang++-19")
endif()
target_compile_options(sightline_options INTERFACE -fsanitize=fuzzer-no-link)

function(sightline_fuzzer room name)
  set(target ${room}_${name}_fuzzer)
  add_executable(${target} ${CMAKE_SOURCE_DIR}/src/${room}/${name}_fuzzer.cc)
  target_link_libraries(${target} PRIVATE sightline_${room})
  target_link_options(${target} PRIVATE -fsanitize=fuzzer)
endfunction()

sightline_fuzzer(wire infer_json)
