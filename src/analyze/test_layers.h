// Small networks for the tests of profiles.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "src/analyze/layer_graph.h"

namespace sightline::analyze::testing {

// A network written node by node. Every node makes one tensor, called like the node; "x" is the network's
// input.
class GraphMaker {
 public:
  static constexpr int64_t kTensorBytes = 1000;
  static constexpr int64_t kWeightBytes = 300;

  GraphMaker() { Tensor("x"); }

  // `macs` > 0 gives it a weight of its own.
  GraphMaker& Node(const std::string& name, const std::string& op_type,
                   const std::vector<std::string>& inputs, int64_t macs = 0) {
    GraphNode node{.name = name, .op_type = op_type, .macs = macs};
    for (const std::string& input : inputs) node.inputs.push_back(Tensor(input));
    if (macs > 0) {
      node.inputs.push_back(static_cast<int>(graph_.tensors.size()));
      graph_.tensors.push_back({.name = name + "/weights", .bytes = kWeightBytes, .weight = true});
    }
    node.outputs.push_back(Tensor(name));
    graph_.nodes.push_back(node);
    return *this;
  }

  GraphMaker& Output(const std::string& name) {
    graph_.tensors[static_cast<size_t>(Tensor(name))].network_output = true;
    return *this;
  }

  LayerGraph Made() const { return graph_; }

 private:
  int Tensor(const std::string& name) {
    const auto [entry, is_new] = index_of_.try_emplace(name, static_cast<int>(graph_.tensors.size()));
    if (is_new) graph_.tensors.push_back({.name = name, .bytes = kTensorBytes});
    return entry->second;
  }

  LayerGraph graph_;
  std::map<std::string, int> index_of_;
};

// conv1 -> bn1 -> act1 -> conv2 -> bn2, added to act1, -> act2 -> pool -> flatten -> fc
inline LayerGraph Residual() {
  return GraphMaker()
      .Node("conv1", "Conv", {"x"}, 1000)
      .Node("bn1", "BatchNormalization", {"conv1"})
      .Node("act1", "Relu", {"bn1"})
      .Node("conv2", "Conv", {"act1"}, 2000)
      .Node("bn2", "BatchNormalization", {"conv2"})
      .Node("add", "Add", {"act1", "bn2"})
      .Node("act2", "Relu", {"add"})
      .Node("pool", "MaxPool", {"act2"})
      .Node("flatten", "Flatten", {"pool"})
      .Node("fc", "Gemm", {"flatten"}, 500)
      .Output("fc")
      .Made();
}

}  // namespace sightline::analyze::testing
