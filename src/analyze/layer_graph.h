// A network as a profile sees it: who reads what, and what each node has to do. Plain data, filled from the
// normalized ONNX graph at the batch of the profile.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace sightline::analyze {

struct GraphTensor {
  std::string name;
  int64_t bytes = 0;  // at the batch of the profile; 0: size not known
  bool weight = false;
  bool network_output = false;
};

struct GraphNode {
  std::string name;
  std::string op_type;       // of ONNX; "Conv depthwise" where every channel has a filter of its own
  std::vector<int> inputs;   // indices into LayerGraph.tensors, those left out are not there
  std::vector<int> outputs;  // of no other node
  int64_t macs = 0;          // at the batch of the profile
};

struct LayerGraph {
  std::vector<GraphTensor> tensors;
  std::vector<GraphNode> nodes;  // in topological order, names unique
};

}  // namespace sightline::analyze
