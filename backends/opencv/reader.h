// Reading models into OpenCV's DNN module, with its exceptions turned into one sentence.
#pragma once

#include <filesystem>
#include <opencv2/dnn.hpp>
#include <string>
#include <vector>

#include "backends/kit/kit.h"

namespace sightline::opencv_backend {

// The suffixes ReadFile knows.
std::vector<std::string> FileFormats();

// A frozen TensorFlow graph (.pb), a darknet network (.cfg with .weights beside it) or a Caffe network
// (.caffemodel with .prototxt beside it).
kit::Result<cv::dnn::Net> ReadFile(const std::filesystem::path& path);

// "CxHxW" where the file says it in a way that OpenCV does not pass on (darknet's [net] section); ""
// elsewhere.
std::string InputShapeOf(const std::filesystem::path& path);

// Serialized ONNX. An operator OpenCV can't run is named with its layer.
kit::Result<cv::dnn::Net> ReadOnnx(std::span<const std::byte> bytes);

// What OpenCV threw, in one line. `code` is used unless it ran out of memory.
kit::Status FromException(const cv::Exception& exception, SlStatusCode code);

// OpenCV puts "onnx_node!" in front of the names of ONNX nodes; this takes it off.
std::string NodeName(const std::string& layer_name);

}  // namespace sightline::opencv_backend
