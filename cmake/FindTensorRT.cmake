# TensorRT 8.6 to 11 and the CUDA runtime's headers. The plugin opens the libraries when it is itself opened, those
# beside the ones found here or wherever the loader finds them.
#
#   TENSORRT_ROOT             a folder with include/ and lib/, as the official archives have (default: the system's)
#   TensorRT_FOUND            whether headers (NvInfer.h, NvOnnxParser.h, cuda_runtime_api.h) and libnvinfer are there
#   TensorRT_VERSION          of the headers
#   TensorRT_FOLDER, TensorRT_CUDA_FOLDER   where the libraries of each are
#   TensorRT::headers         the folders of the headers
set(TENSORRT_ROOT "" CACHE PATH "A folder with TensorRT's include/ and lib/; empty: the system's")

# Looked up afresh at each configuration, so that another TENSORRT_ROOT is not overruled by a cached result.
find_path(TensorRT_INCLUDE_DIR NvInfer.h NO_CACHE HINTS ${TENSORRT_ROOT}/include)
find_path(TensorRT_PARSER_INCLUDE_DIR NvOnnxParser.h NO_CACHE HINTS ${TENSORRT_ROOT}/include)
find_path(TensorRT_CUDA_INCLUDE_DIR cuda_runtime_api.h NO_CACHE HINTS /usr/local/cuda/include)
find_library(TensorRT_LIBRARY NO_CACHE NAMES nvinfer libnvinfer.so.11 libnvinfer.so.10 libnvinfer.so.8
             HINTS ${TENSORRT_ROOT}/lib)
if(TensorRT_INCLUDE_DIR)
  # A definition is a number, or from 10.11 on the name of another one.
  file(STRINGS ${TensorRT_INCLUDE_DIR}/NvInferVersion.h trt_defines REGEX "^#define [A-Z_]+ +[A-Z0-9_]+")
  foreach(part MAJOR MINOR PATCH)
    set(trt_name NV_TENSORRT_${part})
    foreach(step RANGE 1)
      if("${trt_defines}" MATCHES "define ${trt_name} +([A-Z0-9_]+)")
        set(trt_name ${CMAKE_MATCH_1})
      endif()
    endforeach()
    set(trt_${part} ${trt_name})
  endforeach()
  set(TensorRT_VERSION ${trt_MAJOR}.${trt_MINOR}.${trt_PATCH})
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(TensorRT
  REQUIRED_VARS TensorRT_LIBRARY TensorRT_INCLUDE_DIR TensorRT_PARSER_INCLUDE_DIR TensorRT_CUDA_INCLUDE_DIR
  VERSION_VAR TensorRT_VERSION)

if(TensorRT_FOUND)
  get_filename_component(TensorRT_FOLDER ${TensorRT_LIBRARY} DIRECTORY)
  get_filename_component(trt_cuda_root ${TensorRT_CUDA_INCLUDE_DIR} DIRECTORY)
  set(TensorRT_CUDA_FOLDER ${trt_cuda_root}/lib64)
  if(NOT EXISTS ${TensorRT_CUDA_FOLDER})
    set(TensorRT_CUDA_FOLDER ${trt_cuda_root}/lib)
  endif()
  if(NOT TARGET TensorRT::headers)
    add_library(TensorRT::headers INTERFACE IMPORTED)
    set_target_properties(TensorRT::headers PROPERTIES INTERFACE_INCLUDE_DIRECTORIES
      "${TensorRT_INCLUDE_DIR};${TensorRT_PARSER_INCLUDE_DIR};${TensorRT_CUDA_INCLUDE_DIR}")
  endif()
endif()
