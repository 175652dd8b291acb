// Reading models into OpenVINO, with its exceptions turned into one sentence.
#pragma once

#include <exception>
#include <filesystem>
#include <memory>
#include <openvino/runtime/core.hpp>
#include <string>
#include <vector>

#include "backends/kit/kit.h"

namespace sightline::openvino_backend {

// What ReadFile opens, as BackendInfo::file_formats says it.
std::vector<std::string> FileFormats();

// OpenVINO's own format (.xml, with its weights in .bin beside it), a frozen TensorFlow graph (.pb), a folder
// with a SavedModel or a TensorFlow Lite model (.tflite).
kit::Result<std::shared_ptr<ov::Model>> ReadFile(ov::Core& core, const std::filesystem::path& path);

// Serialized ONNX. An operator OpenVINO does not have is named with its layers, by `graph`, which may be
// null.
kit::Result<std::shared_ptr<ov::Model>> ReadOnnx(ov::Core& core, const kit::Model& model);

// "2026.4.1": of the library that is loaded.
std::string VersionText();

// What OpenVINO threw, in one line. Running out of memory is its own code, whatever `code` says.
kit::Status FromException(const std::exception& exception, SlStatusCode code);

}  // namespace sightline::openvino_backend
