# Everything from outside. Required packages come from Debian (tools/dependencies.sh installs them); optional ones cost
# only the backend that needs them.
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(turbojpeg REQUIRED IMPORTED_TARGET libturbojpeg)
pkg_check_modules(libpng REQUIRED IMPORTED_TARGET libpng)
pkg_check_modules(libav REQUIRED IMPORTED_TARGET libavformat libavcodec libavutil libswscale)
pkg_check_modules(zstd REQUIRED IMPORTED_TARGET libzstd)
pkg_check_modules(sqlite3 REQUIRED IMPORTED_TARGET sqlite3)
pkg_check_modules(libpq REQUIRED IMPORTED_TARGET libpq)  # SOCI's PostgreSQL header names its types
find_package(Boost 1.81 REQUIRED)  # headers only: Boost.Math for the distributions, CRC for stored records
find_package(SOCI REQUIRED)  # cmake/FindSOCI.cmake: Debian ships no CMake files with it
if(SIGHTLINE_SANITIZE MATCHES undefined)
  # SOCI keeps to itself the type information that UBSan's vptr check asks for; only the store includes its headers.
  file(GLOB soci_users ${CMAKE_SOURCE_DIR}/src/store/*.cc)
  set_source_files_properties(${soci_users} PROPERTIES COMPILE_OPTIONS -fno-sanitize=vptr)
endif()
find_package(fmt REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(CLI11 REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(valijson REQUIRED)  # headers only
find_package(OnnxRuntime 1.11)  # cmake/FindOnnxRuntime.cmake
find_package(TensorRT 8.6)  # cmake/FindTensorRT.cmake
find_package(Protobuf REQUIRED)  # before ONNX, whose targets name protobuf::libprotobuf
find_package(ONNX REQUIRED)
find_package(OpenCV 4 REQUIRED COMPONENTS core imgproc imgcodecs dnn)
find_package(TensorFlowC)  # cmake/FindTensorFlowC.cmake: the official wheel under .deps/
find_package(LibTorch)  # cmake/FindLibTorch.cmake: Debian's libtorch-dev, or the one LIBTORCH_ROOT names
find_package(OpenVINO QUIET COMPONENTS Runtime HINTS ${CMAKE_SOURCE_DIR}/.deps/openvino/openvino/cmake)  # or OpenVINO_DIR
if(SIGHTLINE_TESTS)
  find_package(GTest REQUIRED)
endif()
