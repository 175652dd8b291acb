# Tests of the TensorFlow plugin. The first program needs no TensorFlow; the second loads the plugin as the host does.
set(tensorflow_folder ${CMAKE_SOURCE_DIR}/backends/tensorflow)
sightline_test(tensorflow_messages_test LABELS unit LIBS sightline_kit
  SOURCES ${tensorflow_folder}/core/wire.cc ${tensorflow_folder}/core/session_config.cc
          ${tensorflow_folder}/core/signature.cc ${tensorflow_folder}/core/step_stats.cc
          ${tensorflow_folder}/core/messages.cc ${tensorflow_folder}/core/graph_facts.cc
          ${tensorflow_folder}/core/devices.cc ${tensorflow_folder}/tests/devices_test.cc
          ${tensorflow_folder}/tests/wire_test.cc ${tensorflow_folder}/tests/messages_test.cc)
sightline_operator_tests(tensorflow
  SOURCES ${tensorflow_folder}/tests/onnx_exceptions.cc ${tensorflow_folder}/tests/fusion_test.cc
          ${tensorflow_folder}/tests/layout_test.cc ${tensorflow_folder}/tests/files_test.cc
          ${tensorflow_folder}/tests/engine_test.cc ${tensorflow_folder}/tests/file_maker.cc
          ${tensorflow_folder}/core/wire.cc)
