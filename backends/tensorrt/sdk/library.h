// TensorRT's libraries, opened when the plugin is, and its logger.
#pragma once

#include <NvInfer.h>
#include <NvOnnxParser.h>

#include <memory>

#include "backends/kit/status.h"
#include "backends/tensorrt/messages.h"
#include "backends/tensorrt/versions.h"

namespace sightline::tensorrt {

// Of the headers this plugin was built with.
constexpr Version kBuiltVersion = {NV_TENSORRT_MAJOR, NV_TENSORRT_MINOR, NV_TENSORRT_PATCH};

// Keeps what TensorRT says went wrong; the rest is dropped. Thread-safe.
class Logger final : public nvinfer1::ILogger {
 public:
  void log(Severity severity, nvinfer1::AsciiChar const* message) noexcept override;
  Messages& messages() { return messages_; }

 private:
  Messages messages_;
};

// The process's one, which TensorRT keeps a reference to.
Logger& TheLogger();
// What TensorRT said went wrong since this was asked last, as an error: "WHAT failed: ...".
kit::Status Failed(const char* what);

// Opens libnvinfer and libnvonnxparser and checks their version. The error says what is missing. Thread-safe.
kit::Status OpenTensorRt();
// Of the library that was opened. Only after OpenTensorRt succeeded.
Version LibraryVersion();

using BuilderPtr = std::unique_ptr<nvinfer1::IBuilder>;
using RuntimePtr = std::unique_ptr<nvinfer1::IRuntime>;
using ParserPtr = std::unique_ptr<nvonnxparser::IParser>;

// Null where TensorRT can't, and has told the logger.
BuilderPtr MakeBuilder();
RuntimePtr MakeRuntime();
ParserPtr MakeParser(nvinfer1::INetworkDefinition& network);

}  // namespace sightline::tensorrt
