#include "backends/openvino/tests/onnx_text.h"

#include <onnx/defs/parser.h>

#include <memory>
#include <stdexcept>
#include <utility>

namespace sightline::openvino_backend {

network::Network NetworkOf(const std::string& graph) {
  const std::string text = "<ir_version: 7, opset_import: [\"\" : 13]>\n" + graph;
  auto model = std::make_unique<onnx::ModelProto>();
  onnx::OnnxParser parser(text.c_str());
  if (const auto parsed = parser.Parse(*model); !parsed.IsOK())
    throw std::runtime_error(parsed.ErrorMessage());
  auto network = network::Network::FromModel(std::move(model), "text");
  if (!network.ok()) throw std::runtime_error(std::string(network.error().message()));
  return std::move(network).value();
}

}  // namespace sightline::openvino_backend
