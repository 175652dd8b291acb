# The TensorFlow C API out of the official wheel: two shared libraries and the headers, no Python.
#
#   TENSORFLOW_ROOT            the wheel's tensorflow/ folder (default: .deps/tensorflow/tensorflow)
#   TensorFlowC_FOUND          whether it is there and can be loaded on this machine
#   TensorFlowC_VERSION        as the library itself says
#   TensorFlowC_HAS_CUDA       whether it has kernels for GPUs
#   TensorFlowC::TensorFlowC   both libraries. TF_DeleteStatus and its like live in the framework library, the rest in
#                              the other one. A plugin that links it finds them from the build tree by its RUNPATH.
set(TENSORFLOW_ROOT ${CMAKE_SOURCE_DIR}/.deps/tensorflow/tensorflow CACHE PATH
    "The tensorflow/ folder of the official wheel: libtensorflow_cc.so.2, libtensorflow_framework.so.2 and include/")

# Looked up afresh at each configuration, so that another TENSORFLOW_ROOT is not overruled by a cached result.
set(TensorFlowC_LIBRARY ${TENSORFLOW_ROOT}/libtensorflow_cc.so.2)
set(TensorFlowC_FRAMEWORK_LIBRARY ${TENSORFLOW_ROOT}/libtensorflow_framework.so.2)
set(TensorFlowC_INCLUDE_DIR ${TENSORFLOW_ROOT}/include)
foreach(part LIBRARY FRAMEWORK_LIBRARY)
  if(NOT EXISTS ${TensorFlowC_${part}})
    unset(TensorFlowC_${part})
  endif()
endforeach()
if(NOT EXISTS ${TensorFlowC_INCLUDE_DIR}/tensorflow/c/c_api.h)
  unset(TensorFlowC_INCLUDE_DIR)
endif()

# Nothing but the library knows its version and its kernels, so a small program asks it; once for each library, which another wheel
# may have replaced at the same place.
if(TensorFlowC_LIBRARY)
  file(TIMESTAMP ${TensorFlowC_LIBRARY} tf_changed)
  file(SIZE ${TensorFlowC_LIBRARY} tf_bytes)
  set(tf_library "${TensorFlowC_LIBRARY} ${tf_bytes} ${tf_changed}, version and kernels")
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${TensorFlowC_LIBRARY})
endif()
if(TensorFlowC_LIBRARY AND NOT TensorFlowC_VERSION_ASKED STREQUAL tf_library)
  try_run(tf_version_ran tf_version_compiled
    SOURCE_FROM_CONTENT tf_version.c "
      #define _GNU_SOURCE
      #include <dlfcn.h>
      #include <stdio.h>
      #include <string.h>
      int main(void) {
        void* library = dlopen(\"${TensorFlowC_LIBRARY}\", RTLD_NOW);
        const char* (*version)(void) = library ? (const char* (*)(void))dlsym(library, \"TF_Version\") : 0;
        void* (*new_status)(void) = library ? (void* (*)(void))dlsym(library, \"TF_NewStatus\") : 0;
        struct Buffer { const void* data; size_t length; };
        struct Buffer* (*kernels)(const char*, void*) =
            library ? (struct Buffer* (*)(const char*, void*))dlsym(library, \"TF_GetRegisteredKernelsForOp\") : 0;
        if (!version || printf(\"%s\", version()) <= 0) return 1;
        const struct Buffer* list = new_status && kernels ? kernels(\"Conv2D\", new_status()) : 0;
        // KernelDef.device_type, field 2, is GPU; XLA has kernels for XLA_GPU_JIT in CPU wheels too.
        if (list && memmem(list->data, list->length, \"\\022\\003GPU\", 5)) printf(\" cuda\");
        return 0;
      }"
    LINK_LIBRARIES ${CMAKE_DL_LIBS}
    RUN_OUTPUT_STDOUT_VARIABLE tf_version)
  if(tf_version_compiled AND tf_version_ran EQUAL 0)
    string(REGEX MATCH "^[^ ]+" tf_number "${tf_version}")
    set(tf_cuda OFF)
    if(tf_version MATCHES " cuda$")
      set(tf_cuda ON)
    endif()
    set(TensorFlowC_VERSION "${tf_number}" CACHE INTERNAL "What TF_Version says")
    set(TensorFlowC_HAS_CUDA ${tf_cuda} CACHE INTERNAL "Whether it has kernels for GPUs")
    set(TensorFlowC_VERSION_ASKED "${tf_library}" CACHE INTERNAL "Which library said it")
  else()
    unset(TensorFlowC_VERSION CACHE)
    unset(tf_version_ran CACHE)
  endif()
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(TensorFlowC
  REQUIRED_VARS TensorFlowC_LIBRARY TensorFlowC_FRAMEWORK_LIBRARY TensorFlowC_INCLUDE_DIR TensorFlowC_VERSION
  VERSION_VAR TensorFlowC_VERSION)

if(TensorFlowC_FOUND AND NOT TARGET TensorFlowC::TensorFlowC)
  add_library(TensorFlowC::framework SHARED IMPORTED)
  set_target_properties(TensorFlowC::framework PROPERTIES
    IMPORTED_LOCATION ${TensorFlowC_FRAMEWORK_LIBRARY} IMPORTED_SONAME libtensorflow_framework.so.2)
  add_library(TensorFlowC::TensorFlowC SHARED IMPORTED)
  set_target_properties(TensorFlowC::TensorFlowC PROPERTIES
    IMPORTED_LOCATION ${TensorFlowC_LIBRARY} IMPORTED_SONAME libtensorflow_cc.so.2
    INTERFACE_INCLUDE_DIRECTORIES ${TensorFlowC_INCLUDE_DIR}
    INTERFACE_LINK_LIBRARIES TensorFlowC::framework)
endif()
