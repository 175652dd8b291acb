# LibTorch: Debian's libtorch-dev, or another one named by LIBTORCH_ROOT (the folder that has include/ and lib/ of the
# official download, or of the wheel). Not through its own TorchConfig.cmake, which changes CMAKE_CXX_FLAGS for everybody
# and demands CUDA's toolkit where the library was built with it.
#
#   LIBTORCH_ROOT            where to look first
#   LibTorch_FOUND           whether it is there
#   LibTorch_VERSION         as its header says
#   LibTorch::LibTorch       headers and libraries; CUDA's among them where they are there
set(LIBTORCH_ROOT "" CACHE PATH "A LibTorch to use instead of Debian's: the folder with include/ and lib/")

# Looked up afresh at each configuration, so that another LIBTORCH_ROOT is not overruled by a cached result.
foreach(cached LibTorch_INCLUDE_DIR LibTorch_API_INCLUDE_DIR LibTorch_torch LibTorch_torch_cpu LibTorch_c10
        LibTorch_torch_cuda LibTorch_c10_cuda)
  unset(${cached} CACHE)
endforeach()
find_path(LibTorch_INCLUDE_DIR torch/script.h HINTS ${LIBTORCH_ROOT}/include)
find_path(LibTorch_API_INCLUDE_DIR torch/version.h
          HINTS ${LibTorch_INCLUDE_DIR}/torch/csrc/api/include ${LIBTORCH_ROOT}/include/torch/csrc/api/include)
foreach(part torch torch_cpu c10 torch_cuda c10_cuda)
  find_library(LibTorch_${part} ${part} HINTS ${LIBTORCH_ROOT}/lib)
endforeach()
mark_as_advanced(LibTorch_INCLUDE_DIR LibTorch_API_INCLUDE_DIR LibTorch_torch LibTorch_torch_cpu LibTorch_c10
                 LibTorch_torch_cuda LibTorch_c10_cuda)

if(LibTorch_API_INCLUDE_DIR)
  # 2.9 and later keep the numbers in a header of their own.
  set(version_headers ${LibTorch_API_INCLUDE_DIR}/torch/version.h ${LibTorch_INCLUDE_DIR}/torch/headeronly/version.h)
  set(LibTorch_VERSION "")
  foreach(header IN LISTS version_headers)
    if(EXISTS ${header})
      file(STRINGS ${header} numbers REGEX "define TORCH_VERSION_(MAJOR|MINOR|PATCH) +[0-9]+")
      foreach(number IN LISTS numbers)
        if(number MATCHES "VERSION_[A-Z]+ +([0-9]+)")
          list(APPEND LibTorch_VERSION ${CMAKE_MATCH_1})
        endif()
      endforeach()
    endif()
  endforeach()
  list(JOIN LibTorch_VERSION "." LibTorch_VERSION)
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(LibTorch
  REQUIRED_VARS LibTorch_torch LibTorch_torch_cpu LibTorch_c10 LibTorch_INCLUDE_DIR LibTorch_API_INCLUDE_DIR
  VERSION_VAR LibTorch_VERSION)

if(LibTorch_FOUND AND NOT TARGET LibTorch::LibTorch)
  add_library(LibTorch::LibTorch INTERFACE IMPORTED)
  set_target_properties(LibTorch::LibTorch PROPERTIES
    INTERFACE_INCLUDE_DIRECTORIES "${LibTorch_INCLUDE_DIR};${LibTorch_API_INCLUDE_DIR}"
    INTERFACE_LINK_LIBRARIES "${LibTorch_torch};${LibTorch_torch_cpu};${LibTorch_c10}")
  if(LibTorch_torch_cuda AND LibTorch_c10_cuda)
    # Nothing refers to it by name: it registers itself when it is loaded.
    set_property(TARGET LibTorch::LibTorch APPEND PROPERTY INTERFACE_LINK_LIBRARIES
      "-Wl,--push-state,--no-as-needed" "${LibTorch_torch_cuda}" "${LibTorch_c10_cuda}" "-Wl,--pop-state")
  endif()
endif()
