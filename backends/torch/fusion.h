// Who reads what in a graph, and which operators a convolution takes in.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "backends/kit/graph.h"
#include "backends/kit/onnx_nodes.h"

namespace sightline::torch_backend {

// Who reads each value of a graph.
class Uses {
 public:
  explicit Uses(const kit::GraphView& graph);

  // The only reader of a value that is no output of the network.
  std::optional<kit::GraphNode> OnlyReader(const kit::GraphValue& value) const;

 private:
  kit::GraphView graph_;
  std::map<int32_t, std::vector<int>> readers_;  // nodes
  std::set<int32_t> outputs_;
};

// Of `node`, a BatchNormalization in inference whose parameters are constants, else nothing.
std::optional<kit::Affine> ConstantAffine(const kit::GraphNode& node);

struct FusedConvolution {
  std::optional<kit::Affine> affine;  // of a batch normalization behind it, which becomes other weights
  kit::GraphNode last;                // whose output the convolution gives
  std::string type;                   // "Conv+BatchNormalization"
};
FusedConvolution FoldBehind(const Uses& uses, const kit::GraphNode& convolution);

}  // namespace sightline::torch_backend
