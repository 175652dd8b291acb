# The half of the TensorFlow plugin that is linked with TensorFlow; the plugin opens it when the first engine is made.
file(GLOB tensorflow_core_sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/backends/tensorflow/core/*.cc)
list(FILTER tensorflow_core_sources EXCLUDE REGEX "_test\\.cc$")
add_library(sightline_tensorflow_core MODULE ${tensorflow_core_sources})
target_link_libraries(sightline_tensorflow_core PRIVATE sightline_options sightline_kit TensorFlowC::TensorFlowC)
target_link_options(sightline_tensorflow_core PRIVATE -Wl,--no-undefined -Wl,--exclude-libs,ALL
                    -Wl,--version-script=${CMAKE_SOURCE_DIR}/backends/tensorflow/core/core_exports.map)
set_target_properties(sightline_tensorflow_core PROPERTIES
  LIBRARY_OUTPUT_DIRECTORY ${CMAKE_LIBRARY_OUTPUT_DIRECTORY}/backends
  LINK_DEPENDS ${CMAKE_SOURCE_DIR}/backends/tensorflow/core/core_exports.map)

sightline_backend_from_folder(tensorflow ${CMAKE_DL_LIBS})
add_dependencies(sightline_backend_tensorflow sightline_tensorflow_core)
target_compile_definitions(sightline_backend_tensorflow PRIVATE
  SIGHTLINE_TENSORFLOW_CORE="$<TARGET_FILE_NAME:sightline_tensorflow_core>"
  SIGHTLINE_TENSORFLOW_VERSION="${TensorFlowC_VERSION}"
  SIGHTLINE_TENSORFLOW_HAS_CUDA=$<BOOL:${TensorFlowC_HAS_CUDA}>)
