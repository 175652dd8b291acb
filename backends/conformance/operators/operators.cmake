# sightline_operator_tests(BACKEND SOURCES file...): a program that holds one backend's translation of operators to ONNX's
# own tests and to the evaluator of the conformance suite. SOURCES: tests of the backend's own, and its list of exceptions.
set(operator_folder ${CMAKE_SOURCE_DIR}/backends/conformance/operators)
function(sightline_operator_tests name)
  cmake_parse_arguments(arg "" "" "SOURCES;LIBS" ${ARGN})
  set(target ${name}_backend_test)
  sightline_launched_test(${target} LABELS backend LIBS sightline_backend ${arg_LIBS}
    SOURCES ${operator_folder}/model_maker.cc ${operator_folder}/runner.cc ${operator_folder}/windows.cc
            ${operator_folder}/windows_test.cc ${operator_folder}/onnx_testdata_test.cc
            ${CMAKE_SOURCE_DIR}/backends/conformance/reference.cc ${arg_SOURCES})
  target_compile_definitions(${target}_core PRIVATE SIGHTLINE_TESTED_BACKEND="${name}")
  add_dependencies(${target} sightline_backend_${name})
endfunction()
