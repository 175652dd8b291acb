#include "backends/torch/fusion.h"

namespace sightline::torch_backend {
namespace {

bool HasConstants(const kit::GraphNode& node, int first, int last) {
  for (int i = first; i <= last; ++i) {
    if (!node.has_input(i) || !node.input(i).is_constant() || node.input(i).type() != SL_F32) return false;
  }
  return true;
}

}  // namespace

Uses::Uses(const kit::GraphView& graph) : graph_(graph) {
  for (int n = 0; n < graph.node_count(); ++n) {
    const kit::GraphNode node = graph.node(n);
    for (int i = 0; i < node.input_count(); ++i) {
      if (node.has_input(i)) readers_[node.input(i).index()].push_back(n);
    }
  }
  for (const kit::GraphValue& output : graph.outputs()) outputs_.insert(output.index());
}

std::optional<kit::GraphNode> Uses::OnlyReader(const kit::GraphValue& value) const {
  const auto readers = readers_.find(value.index());
  if (readers == readers_.end() || readers->second.size() != 1 || outputs_.contains(value.index())) {
    return std::nullopt;
  }
  return graph_.node(readers->second[0]);
}

std::optional<kit::Affine> ConstantAffine(const kit::GraphNode& node) {
  if (node.Int("training_mode", 0) != 0 || !HasConstants(node, 1, 4)) return std::nullopt;
  const size_t channels = node.input(1).floats().size();
  for (int i = 2; i <= 4; ++i) {
    if (node.input(i).floats().size() != channels) return std::nullopt;
  }
  return kit::FoldBatchNormalization(node);
}

FusedConvolution FoldBehind(const Uses& uses, const kit::GraphNode& convolution) {
  FusedConvolution fused{.last = convolution, .type = std::string(convolution.op_type())};
  const auto next = uses.OnlyReader(convolution.output());
  if (!next || next->op_type() != "BatchNormalization" ||
      next->input(0).index() != convolution.output().index()) {
    return fused;
  }
  fused.affine = ConstantAffine(*next);
  if (!fused.affine) return fused;
  fused.last = *next;
  fused.type += "+BatchNormalization";
  return fused;
}

}  // namespace sightline::torch_backend
