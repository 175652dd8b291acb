#include "backends/openvino/layer_names.h"

#include "backends/kit/graph.h"

namespace sightline::openvino_backend {

LayerNames::LayerNames(const SlGraph* graph) {
  for (int i = 0; graph != nullptr && i < graph->node_count; ++i) {
    const kit::GraphNode node = kit::GraphView(*graph).node(i);
    if (node.has_output(0)) nodes_.emplace(node.output().name(), node.name());
  }
}

const std::string& LayerNames::Of(const std::string& layer) const {
  const auto found = nodes_.find(layer);
  return found == nodes_.end() ? layer : found->second;
}

}  // namespace sightline::openvino_backend
