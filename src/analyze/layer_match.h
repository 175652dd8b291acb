// Which nodes of the ONNX graph a framework's layer is, by its name alone.
//
// Frameworks change the names they are given. Names are compared without what a framework may put in the
// place of characters it doesn't take: every character but letters, digits and . / - counts as '_', and what
// comes before the first letter or digit doesn't count (nor "layer_", which our TensorFlow translation puts
// there). In this order, the first that fits:
//   exact    the node's name
//   tensor   the name of a tensor the node makes: importers name a layer after its output
//   joined   several of the above, separated by " + ", "||", "," or blanks: layers that were fused
//   prefix   the node's name, then '/' or ':' and more ("conv0/Conv2D", "conv0:0"), or an ending that ONNX
//            Runtime adds ("conv0_kernel_time", "conv0_nchwc"); the longest such node
//   suffix   a scope, one of '/' ':' '!' or a blank, then the node's name ("onnx_node!conv0",
//            "model/conv0"); the longest such node
// Layers that bring a tensor into another layout belong to no node, whatever their name says.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "src/analyze/layer_graph.h"

namespace sightline::analyze {

class LayerMatcher {
 public:
  explicit LayerMatcher(const LayerGraph& graph);

  // Indices into LayerGraph.nodes, ascending; none where no node goes by that name. Several where a name
  // joins several, and no others.
  std::vector<int> Match(std::string_view name, std::string_view type) const;

 private:
  static constexpr int kNone = -1;
  using Names = std::unordered_map<std::string, int>;  // comparable name -> node

  static void Add(Names& names, std::string_view name, int node);
  int Find(std::string_view name) const;        // exact or tensor
  int FindWithin(std::string_view name) const;  // prefix or suffix

  Names nodes_;
  Names tensors_;
};

// Whether a layer of this type or name only brings a tensor into another memory layout.
bool IsLayoutConversion(std::string_view name, std::string_view type);

// Whether layers of this type compute nothing: constants, arguments, results.
bool IsBookkeeping(std::string_view type);

}  // namespace sightline::analyze
