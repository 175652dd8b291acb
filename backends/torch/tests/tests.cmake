# Tests of the LibTorch plugin. The first program needs no LibTorch; the second loads the plugin as the host does.
set(torch_folder ${CMAKE_SOURCE_DIR}/backends/torch)
sightline_test(torch_texts_test LABELS unit LIBS sightline_kit
  SOURCES ${torch_folder}/program.cc ${torch_folder}/library_facts.cc ${torch_folder}/file_kind.cc
          ${torch_folder}/tests/program_test.cc ${torch_folder}/tests/library_facts_test.cc
          ${torch_folder}/tests/file_kind_test.cc)
sightline_operator_tests(torch LIBS LibTorch::LibTorch
  SOURCES ${torch_folder}/tests/onnx_exceptions.cc ${torch_folder}/tests/operators_test.cc
          ${torch_folder}/tests/engine_test.cc ${torch_folder}/tests/files_test.cc ${torch_folder}/tests/file_maker.cc)
target_include_directories(torch_backend_test_core SYSTEM PRIVATE ${LibTorch_INCLUDE_DIR} ${LibTorch_API_INCLUDE_DIR})
