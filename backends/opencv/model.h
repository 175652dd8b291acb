// A model as OpenCV runs it: how its tensors look from outside and under which names OpenCV knows them.
#pragma once

#include <opencv2/dnn.hpp>
#include <string>
#include <vector>

#include "backends/kit/graph.h"
#include "backends/kit/kit.h"

namespace sightline::opencv_backend {

struct TensorNames {
  std::vector<std::string> inputs;
  std::vector<std::string> outputs;
};

struct Description {
  kit::EngineInfo info;  // inputs and outputs only
  TensorNames names;
};

// Of an ONNX network: shapes and names are the graph's.
kit::Result<Description> DescribeGraph(const kit::GraphView& graph);

// Of a file in another framework's format: one input, in NCHW, whose shape OpenCV knows from the file or
// `input_shape` gives ("3x224x224"; "" when not given). The batch is open where all outputs follow it.
kit::Result<Description> DescribeNet(const cv::dnn::Net& net, const std::string& input_shape);

}  // namespace sightline::opencv_backend
