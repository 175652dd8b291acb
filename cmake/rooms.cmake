# The rooms of src/, lowest first: which other rooms each may include (everything may use `base` and `flow`), and which
# libraries from outside it stands on. CMake builds from this list and tools/check_layers.py holds the sources to it.
#   sightline_room(NAME [ROOMS room...] [LIBS target...])
sightline_room(base LIBS fmt::fmt)
sightline_room(flow)
sightline_room(stats LIBS Boost::headers)
sightline_room(network ROOMS stats LIBS onnx onnx_proto protobuf::libprotobuf)
sightline_room(zoo ROOMS network LIBS onnx onnx_proto protobuf::libprotobuf)
sightline_room(source LIBS PkgConfig::libav)
sightline_room(decode LIBS PkgConfig::turbojpeg PkgConfig::libpng opencv_core opencv_imgcodecs opencv_imgproc)
sightline_room(preprocess)
sightline_room(postprocess)
sightline_room(backend ROOMS network LIBS ${CMAKE_DL_LIBS})
sightline_room(pipeline ROOMS source decode preprocess postprocess backend)
sightline_room(probe)
sightline_room(load ROOMS pipeline stats)
sightline_room(store LIBS nlohmann_json::nlohmann_json Boost::headers PkgConfig::zstd PkgConfig::sqlite3 PkgConfig::libpq
               soci_core soci_sqlite3 soci_postgresql)
sightline_room(study ROOMS load store probe stats LIBS fmt::fmt nlohmann_json::nlohmann_json yaml-cpp valijson)
sightline_room(analyze ROOMS store stats LIBS fmt::fmt nlohmann_json::nlohmann_json)
sightline_room(report ROOMS analyze LIBS fmt::fmt)
sightline_room(cli ROOMS stats network zoo source decode preprocess postprocess backend pipeline probe load store study analyze report
               LIBS CLI11::CLI11 nlohmann_json::nlohmann_json opencv_core opencv_imgcodecs opencv_imgproc)
