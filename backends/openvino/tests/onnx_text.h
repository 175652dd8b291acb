// Networks written as ONNX text (https://onnx.ai, "Textual Syntax"), for the tests of this plugin.
#pragma once

#include <string>

#include "src/network/network.h"

namespace sightline::openvino_backend {

// Of a graph: "g (float[N,3] x) => (float[N,3] y) { y = Relu(x) }", in opset 13. Text that is none throws.
network::Network NetworkOf(const std::string& graph);

}  // namespace sightline::openvino_backend
