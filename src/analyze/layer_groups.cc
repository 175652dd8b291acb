#include "src/analyze/layer_groups.h"

#include <algorithm>
#include <array>
#include <map>
#include <numeric>
#include <optional>

#include "src/analyze/layer_match.h"

namespace sightline::analyze {
namespace {

// What frameworks fuse into a neighbour: operators that work element by element, and padding. Others without
// time (a Reshape is only another view of its tensor, a Concat may be written in place) run nowhere.
bool IsFusible(const GraphNode& node) {
  constexpr std::array<std::string_view, 22> kOperators = {"Add",
                                                           "BatchNormalization",
                                                           "Cast",
                                                           "Clip",
                                                           "DequantizeLinear",
                                                           "Div",
                                                           "Elu",
                                                           "Erf",
                                                           "Exp",
                                                           "Gelu",
                                                           "HardSigmoid",
                                                           "HardSwish",
                                                           "LeakyRelu",
                                                           "Mul",
                                                           "PRelu",
                                                           "Pad",
                                                           "QuantizeLinear",
                                                           "Relu",
                                                           "Sigmoid",
                                                           "Softplus",
                                                           "Sub",
                                                           "Tanh"};
  return std::find(kOperators.begin(), kOperators.end(), node.op_type) != kOperators.end();
}

// Nodes united into groups (a forest of parents), and which of them have time.
class Grouper {
 public:
  explicit Grouper(const LayerGraph& graph)
      : graph_(graph),
        parent_(graph.nodes.size()),
        has_time_(graph.nodes.size()),
        maker_(graph.tensors.size(), kNone),
        readers_(graph.tensors.size()) {
    std::iota(parent_.begin(), parent_.end(), 0);
    for (size_t n = 0; n < graph.nodes.size(); ++n) {
      for (const int tensor : graph.nodes[n].outputs)
        maker_[static_cast<size_t>(tensor)] = static_cast<int>(n);
      for (const int tensor : graph.nodes[n].inputs)
        readers_[static_cast<size_t>(tensor)].push_back(static_cast<int>(n));
    }
  }

  bool has_time(int node) const { return has_time_[static_cast<size_t>(node)]; }
  void GiveTime(int node) { has_time_[static_cast<size_t>(node)] = true; }
  int Root(int node) const {
    while (parent_[static_cast<size_t>(node)] != node) node = parent_[static_cast<size_t>(node)];
    return node;
  }
  void Unite(int a, int b) { parent_[static_cast<size_t>(Root(a))] = Root(b); }

  void PlaceFused() {
    const auto count = static_cast<int>(graph_.nodes.size());
    for (int n = 0; n < count; ++n) {
      if (Missing(n) && node(n).macs > 0) PlaceDownstream(n);
    }
    for (int n = 0; n < count; ++n) {
      if (MissingAndFusible(n)) Join(n, LatestMakerReadHereOnly(n));
    }
    for (int n = count - 1; n >= 0; --n) {
      if (MissingAndFusible(n)) Join(n, OnlyReader(n));
    }
  }

 private:
  static constexpr int kNone = -1;

  const GraphNode& node(int n) const { return graph_.nodes[static_cast<size_t>(n)]; }
  bool Missing(int n) const { return !has_time(n); }
  bool MissingAndFusible(int n) const { return Missing(n) && IsFusible(node(n)); }

  // Into the group of `other`, if that has time.
  void Join(int n, int other) {
    if (other == kNone || !has_time(other)) return;
    Unite(n, other);
    GiveTime(n);
  }

  // The node that alone reads all that `n` makes; kNone where there is none, or the world outside reads it.
  int OnlyReader(int n) const {
    int reader = kNone;
    for (const int tensor : node(n).outputs) {
      const auto t = static_cast<size_t>(tensor);
      if (graph_.tensors[t].network_output) return kNone;
      for (const int other : readers_[t]) {
        if (reader != kNone && reader != other) return kNone;
        reader = other;
      }
    }
    return reader;
  }

  // The input made last has to be ready before the node can run, so that is what it can be fused into.
  int LatestMakerReadHereOnly(int n) const {
    int latest = kNone;
    for (const int tensor : node(n).inputs) {
      const int maker = maker_[static_cast<size_t>(tensor)];
      if (maker != kNone && OnlyReader(maker) == n) latest = std::max(latest, maker);
    }
    return latest;
  }

  void PlaceDownstream(int n) {
    std::vector<int> chain = {n};
    for (int next = OnlyReader(n); next != kNone && node(next).macs == 0; next = OnlyReader(next)) {
      if (has_time(next)) {
        for (const int member : chain) Join(member, next);
        return;
      }
      chain.push_back(next);
    }
  }

  const LayerGraph& graph_;
  std::vector<int> parent_;
  std::vector<bool> has_time_;
  std::vector<int> maker_;                 // of each tensor
  std::vector<std::vector<int>> readers_;  // of each tensor
};

// Constants are made before all else, so a group's place is that of the first layer that computes.
int PlaceOf(const LayerGroup& group, std::span<const FrameworkLayer> layers) {
  for (const int layer : group.layers) {
    if (!IsBookkeeping(layers[static_cast<size_t>(layer)].type)) return layer;
  }
  return group.layers.front();
}

}  // namespace

LayerGroups GroupLayers(const LayerGraph& graph, std::span<const FrameworkLayer> layers) {
  const LayerMatcher matcher(graph);
  Grouper grouper(graph);
  std::vector<std::vector<int>> matches;
  for (const FrameworkLayer& layer : layers) {
    matches.push_back(matcher.Match(layer.name, layer.type));
    for (const int node : matches.back()) {
      if (!layer.has_time || IsBookkeeping(layer.type)) continue;
      grouper.GiveTime(node);
      grouper.Unite(node, matches.back().front());
    }
  }
  grouper.PlaceFused();

  LayerGroups result;
  std::map<int, size_t> group_of;  // root node -> group
  for (size_t l = 0; l < layers.size(); ++l) {
    const bool own = matches[l].empty() || !grouper.has_time(matches[l].front());
    if (own && !layers[l].has_time) continue;
    size_t group = result.groups.size();
    if (!own) group = group_of.try_emplace(grouper.Root(matches[l].front()), group).first->second;
    if (group == result.groups.size()) result.groups.emplace_back();
    result.groups[group].layers.push_back(static_cast<int>(l));
  }
  for (int n = 0; n < static_cast<int>(graph.nodes.size()); ++n) {
    if (grouper.has_time(n)) {
      result.groups[group_of.at(grouper.Root(n))].nodes.push_back(n);
    } else {
      result.nodes_without_time.push_back(n);
    }
  }
  std::sort(result.groups.begin(), result.groups.end(), [&](const LayerGroup& a, const LayerGroup& b) {
    return PlaceOf(a, layers) < PlaceOf(b, layers);
  });
  return result;
}

}  // namespace sightline::analyze
