#include "src/cli/output_kind.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <string_view>

namespace sightline::cli {
namespace {

constexpr double kSumTolerance = 1e-3;

// What passes values on as they are, in another shape, order or type.
constexpr std::array<std::string_view, 7> kPassOn = {"Reshape",   "Flatten",  "Squeeze", "Unsqueeze",
                                                     "Transpose", "Identity", "Cast"};

const SlNode* Producer(const SlGraph& graph, int32_t value) {
  for (int32_t n = 0; n < graph.node_count; ++n) {
    const SlNode& node = graph.nodes[n];
    if (std::find(node.outputs, node.outputs + node.output_count, value) != node.outputs + node.output_count)
      return &node;
  }
  return nullptr;
}

}  // namespace

OutputKind OutputKindOf(const SlGraph& graph) {
  if (graph.output_count == 0) return OutputKind::kLogits;
  const SlNode* node = Producer(graph, graph.outputs[0]);
  while (node != nullptr && node->input_count > 0 &&
         std::find(kPassOn.begin(), kPassOn.end(), node->op_type) != kPassOn.end()) {
    node = Producer(graph, node->inputs[0]);
  }
  const bool softmax = node != nullptr && std::string_view(node->op_type) == "Softmax";
  return softmax ? OutputKind::kProbabilities : OutputKind::kLogits;
}

OutputKind OutputKindOf(std::span<const float> scores) {
  const bool shares = std::all_of(scores.begin(), scores.end(), [](float s) { return s >= 0 && s <= 1; });
  const double sum = std::accumulate(scores.begin(), scores.end(), 0.0);
  return shares && std::abs(sum - 1) <= kSumTolerance ? OutputKind::kProbabilities : OutputKind::kLogits;
}

}  // namespace sightline::cli
