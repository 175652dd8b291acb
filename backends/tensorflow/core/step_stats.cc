#include "backends/tensorflow/core/step_stats.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <tuple>

#include "backends/tensorflow/core/wire.h"

namespace sightline::tensorflow {
namespace {

constexpr uint32_t kRunMetadataStepStats = 1;
constexpr uint32_t kStepStatsDevices = 1;
constexpr uint32_t kDeviceNodes = 2;

namespace node_stats {
constexpr uint32_t kNodeName = 1;
constexpr uint32_t kTimelineLabel = 8;
constexpr uint32_t kAllStartNanos = 13;
constexpr uint32_t kOpStartRelNanos = 14;
constexpr uint32_t kOpEndRelNanos = 15;
}  // namespace node_stats

struct NodeTime {
  std::string_view name;
  std::string_view label;  // "[CPU] name = Type(inputs)" or "name = Type(inputs)"
  int64_t start_ns = 0;
  int64_t op_start_ns = 0;  // both relative to start_ns
  int64_t op_end_ns = 0;
};

NodeTime ReadNode(std::string_view message) {
  NodeTime node;
  WireReader reader(message);
  WireField field;
  while (reader.Next(field)) {
    switch (field.number) {
      case node_stats::kNodeName:
        node.name = field.bytes;
        break;
      case node_stats::kTimelineLabel:
        node.label = field.bytes;
        break;
      case node_stats::kAllStartNanos:
        node.start_ns = static_cast<int64_t>(field.varint);
        break;
      case node_stats::kOpStartRelNanos:
        node.op_start_ns = static_cast<int64_t>(field.varint);
        break;
      case node_stats::kOpEndRelNanos:
        node.op_end_ns = static_cast<int64_t>(field.varint);
        break;
      default:
        break;
    }
  }
  return node;
}

std::string TypeInLabel(std::string_view label) {
  const size_t equals = label.find(" = ");
  if (equals == std::string_view::npos) return "";
  const std::string_view type = label.substr(equals + 3);
  return std::string(type.substr(0, type.find('(')));
}

// Calls visit(bytes) for every field `number` of `message`.
template <typename Visit>
void ForEach(std::string_view message, uint32_t number, Visit visit) {
  WireReader reader(message);
  WireField field;
  while (reader.Next(field)) {
    if (field.number == number) visit(field.bytes);
  }
}

}  // namespace

std::vector<kit::LayerTime> ReadLayerTimes(std::string_view run_metadata) {
  std::vector<NodeTime> nodes;
  ForEach(run_metadata, kRunMetadataStepStats, [&](std::string_view step) {
    ForEach(step, kStepStatsDevices, [&](std::string_view device) {
      ForEach(device, kDeviceNodes, [&](std::string_view node) { nodes.push_back(ReadNode(node)); });
    });
  });
  std::sort(nodes.begin(), nodes.end(), [](const NodeTime& a, const NodeTime& b) {
    return std::tie(a.start_ns, a.name) < std::tie(b.start_ns, b.name);
  });
  std::vector<kit::LayerTime> layers;
  std::map<std::string_view, size_t> index_of;
  for (const NodeTime& node : nodes) {
    const auto [entry, is_new] = index_of.try_emplace(node.name, layers.size());
    if (is_new) layers.push_back({std::string(node.name), TypeInLabel(node.label), 0});
    ++layers[entry->second].call_count;
    layers[entry->second].duration_ns += std::max<int64_t>(node.op_end_ns - node.op_start_ns, 0);
  }
  return layers;
}

}  // namespace sightline::tensorflow
