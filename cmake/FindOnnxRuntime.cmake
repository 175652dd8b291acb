# ONNX Runtime's C API: a header and a shared library, 1.11 or newer. The plugin opens the library when it is itself
# opened and takes any that is at least that old, whatever the header's version: the API only grows at its end.
#
#   ONNXRUNTIME_ROOT          a folder with include/ and lib/, as the official archives have (default: .deps/onnxruntime)
#   OnnxRuntime_FOUND         whether header and library are there
#   OnnxRuntime_VERSION       1.N of the header
#   OnnxRuntime_LIBRARY       the library
#   OnnxRuntime::headers      the header's folder
set(ONNXRUNTIME_ROOT ${CMAKE_SOURCE_DIR}/.deps/onnxruntime CACHE PATH
    "A folder with ONNX Runtime's include/ and lib/")

# Looked up afresh at each configuration, so that another ONNXRUNTIME_ROOT is not overruled by a cached result.
find_path(OnnxRuntime_INCLUDE_DIR onnxruntime_c_api.h NO_CACHE
  HINTS ${ONNXRUNTIME_ROOT}/include PATH_SUFFIXES onnxruntime onnxruntime/core/session)
find_library(OnnxRuntime_LIBRARY NO_CACHE NAMES libonnxruntime.so.1 onnxruntime HINTS ${ONNXRUNTIME_ROOT}/lib)
if(OnnxRuntime_INCLUDE_DIR)
  file(STRINGS ${OnnxRuntime_INCLUDE_DIR}/onnxruntime_c_api.h ort_api_version REGEX "define ORT_API_VERSION")
  if(ort_api_version MATCHES "ORT_API_VERSION ([0-9]+)")
    set(OnnxRuntime_VERSION 1.${CMAKE_MATCH_1})
  endif()
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(OnnxRuntime
  REQUIRED_VARS OnnxRuntime_LIBRARY OnnxRuntime_INCLUDE_DIR VERSION_VAR OnnxRuntime_VERSION)

if(OnnxRuntime_FOUND AND NOT TARGET OnnxRuntime::headers)
  add_library(OnnxRuntime::headers INTERFACE IMPORTED)
  set_target_properties(OnnxRuntime::headers PROPERTIES INTERFACE_INCLUDE_DIRECTORIES ${OnnxRuntime_INCLUDE_DIR})
endif()
