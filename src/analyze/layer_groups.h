// What runs together: the framework's layers and the nodes of the network they stand for.
//
// Frameworks fuse: a convolution with its bias, normalization, activation and addition is one layer, under
// the name of the first of them (OpenCV) or of the last (TensorFlow), and the other nodes have no time. Which
// of them a layer stands for is read from the graph:
//   1. A node with multiply-adds that has no time (a convolution can't vanish) runs in the first node with
//      time down the chain of nodes that alone read each other, together with all between, unless another
//      node with multiply-adds comes first.
//   2. An operator that works element by element, or pads, and has no time runs where its latest input is
//      made, if it alone reads that input.
//   3. One that is left runs where its only reader runs.
//   4. Whatever is left has none.
// That is a conclusion and no observation: a node that a framework has folded into its weights when it loaded
// the model looks the same.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "src/analyze/layer_graph.h"

namespace sightline::analyze {

// A layer as the framework's profiler names it.
struct FrameworkLayer {
  std::string name;
  std::string type;
  bool has_time = false;  // more than 0 in some run
};

struct LayerGroup {
  std::vector<int> nodes;   // ascending; none for a layer of the framework's own
  std::vector<int> layers;  // ascending
};

struct LayerGroups {
  std::vector<LayerGroup> groups;       // in the order of their first layers that compute
  std::vector<int> nodes_without_time;  // in no group, ascending
};

LayerGroups GroupLayers(const LayerGraph& graph, std::span<const FrameworkLayer> layers);

}  // namespace sightline::analyze
