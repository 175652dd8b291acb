#include "src/analyze/profile_rows.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "src/analyze/layer_match.h"
#include "src/base/check.h"
#include "src/base/text.h"

namespace sightline::analyze {
namespace {

constexpr const char* kBookkeeping = "(constants and arguments)";

template <typename T>
void Append(std::vector<T>& to, const std::vector<T>& from) {
  to.insert(to.end(), from.begin(), from.end());
}

class RowMaker {
 public:
  RowMaker(const ProfileSamples& samples, const LayerGraph& graph)
      : samples_(samples), graph_(graph), readers_(graph.tensors.size()) {
    for (size_t n = 0; n < graph.nodes.size(); ++n) {
      for (const int tensor : graph.nodes[n].inputs) {
        readers_[static_cast<size_t>(tensor)].insert(static_cast<int>(n));
      }
    }
  }

  TimedRow Make(const LayerGroup& group) const {
    TimedRow timed{.durations_ns = std::vector<double>(samples_.profiled_ns.size())};
    for (const int index : group.layers) {
      const LayerSeries& layer = samples_.layers[static_cast<size_t>(index)];
      timed.row.layers.push_back(layer.name);
      timed.row.layer_types.push_back(layer.type);
      AddSeries(timed.durations_ns, layer.durations_ns);
    }
    if (group.nodes.empty()) {
      NameAfterLayer(timed.row);
    } else {
      NameAfterNodes(group.nodes, timed.row);
      CountWork(group.nodes, timed.row.work);
    }
    return timed;
  }

 private:
  const GraphNode& Node(int index) const { return graph_.nodes[static_cast<size_t>(index)]; }
  const GraphTensor& TensorAt(int index) const { return graph_.tensors[static_cast<size_t>(index)]; }

  static void NameAfterLayer(ProfileRow& row) {
    const bool bookkeeping = IsBookkeeping(row.layer_types.front());
    row.name = bookkeeping ? kBookkeeping : row.layers.front();
    row.operators = row.type = bookkeeping ? "" : row.layer_types.front();
  }

  int64_t BytesRead(int node) const {
    int64_t bytes = 0;
    for (const int tensor : Node(node).inputs) bytes += TensorAt(tensor).bytes;
    return bytes;
  }

  // The node with most multiply-adds is what people look for; of several without, the one that reads most: an
  // addition rather than the activation behind it.
  void NameAfterNodes(const std::vector<int>& nodes, ProfileRow& row) const {
    const auto less = [this](int a, int b) {
      return std::pair(Node(a).macs, BytesRead(a)) < std::pair(Node(b).macs, BytesRead(b));
    };
    const GraphNode& named = Node(*std::max_element(nodes.begin(), nodes.end(), less));
    row.name = named.name;
    row.type = named.op_type;
    std::vector<std::string> operators;
    for (const int node : nodes) {
      row.nodes.push_back(Node(node).name);
      operators.push_back(Node(node).op_type);
    }
    row.operators = Join(operators, " + ");
  }

  void CountWork(const std::vector<int>& nodes, LayerWork& work) const {
    std::set<int> made;
    std::set<int> read;
    for (const int node : nodes) {
      work.macs += Node(node).macs;
      made.insert(Node(node).outputs.begin(), Node(node).outputs.end());
      read.insert(Node(node).inputs.begin(), Node(node).inputs.end());
    }
    for (const int tensor : read) {
      if (made.contains(tensor)) continue;
      (TensorAt(tensor).weight ? work.weight_bytes : work.activation_bytes) += TensorAt(tensor).bytes;
    }
    for (const int tensor : made) {
      if (Leaves(tensor, nodes)) work.activation_bytes += TensorAt(tensor).bytes;
    }
  }

  // Whether anybody but `nodes` reads it. What nobody reads is written all the same.
  bool Leaves(int tensor, const std::vector<int>& nodes) const {
    const std::set<int>& readers = readers_[static_cast<size_t>(tensor)];
    return TensorAt(tensor).network_output || readers.empty() ||
           !std::includes(nodes.begin(), nodes.end(), readers.begin(), readers.end());
  }

  const ProfileSamples& samples_;
  const LayerGraph& graph_;
  std::vector<std::set<int>> readers_;  // of each tensor
};

// Work of `from` is added too.
void AddRow(TimedRow& to, const TimedRow& from) {
  AddSeries(to.durations_ns, from.durations_ns);
  Append(to.row.nodes, from.row.nodes);
  Append(to.row.layers, from.row.layers);
  Append(to.row.layer_types, from.row.layer_types);
  to.row.work.macs += from.row.work.macs;
  to.row.work.weight_bytes += from.row.work.weight_bytes;
  to.row.work.activation_bytes += from.row.work.activation_bytes;
}

bool IsBookkeepingRow(const TimedRow& timed) {
  return timed.row.nodes.empty() && timed.row.name == kBookkeeping;
}

}  // namespace

void AddSeries(std::vector<double>& sum, const std::vector<double>& more) {
  SIGHTLINE_CHECK(sum.size() == more.size());
  for (size_t i = 0; i < sum.size(); ++i) sum[i] += more[i];
}

std::vector<TimedRow> MakeRows(const ProfileSamples& samples, const LayerGraph& graph,
                               const std::vector<LayerGroup>& groups) {
  const RowMaker maker(samples, graph);
  std::vector<TimedRow> rows;
  for (const LayerGroup& group : groups) {
    TimedRow timed = maker.Make(group);
    const auto same =
        IsBookkeepingRow(timed) ? std::find_if(rows.begin(), rows.end(), IsBookkeepingRow) : rows.end();
    if (same == rows.end()) {
      rows.push_back(std::move(timed));
    } else {
      AddRow(*same, timed);
    }
  }
  return rows;
}

std::vector<TimedRow> SumByType(const std::vector<TimedRow>& rows) {
  std::map<std::string, TimedRow> types;
  for (const TimedRow& timed : rows) {
    const std::string& type = timed.row.type.empty() ? timed.row.name : timed.row.type;
    const auto [entry, is_new] = types.try_emplace(type, timed);
    ProfileRow& sum = entry->second.row;
    if (is_new) {
      sum.name = sum.type = type;
      sum.operators.clear();
    } else {
      AddRow(entry->second, timed);
      ++sum.count;
    }
  }
  std::vector<TimedRow> sums;
  for (auto& [type, sum] : types) sums.push_back(std::move(sum));
  return sums;
}

}  // namespace sightline::analyze
