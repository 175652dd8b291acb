// The front door of the ONNX half: an SlGraph becomes a native, channels-last TensorFlow graph.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "backends/kit/info.h"
#include "backends/kit/status.h"
#include "backends/tensorflow/core/c_api.h"
#include "include/sightline/backend_abi.h"

namespace sightline::tensorflow {

// A graph to run, with where to feed it and what to fetch. Tensors are in TensorFlow's own memory order, so
// pictures fed to a translated network are {n, h, w, c}; outputs are in the model's order of dimensions.
struct Model {
  GraphPtr graph;
  std::vector<TF_Output> feeds;
  std::vector<TF_Output> fetches;
  std::vector<kit::TensorInfo> inputs;   // as long as `feeds`
  std::vector<kit::TensorInfo> outputs;  // as long as `fetches`
  std::set<SlDataType> compute_types;    // of convolutions and matrix products
};

// Errors are one sentence that names the operators, or the layer, that can't be translated.
kit::Result<Model> Translate(const SlGraph& graph);

}  // namespace sightline::tensorflow
