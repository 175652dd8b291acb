// The flat C view of a normalized draft (SlGraph).
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <unordered_map>
#include <vector>

#include "include/sightline/backend_abi.h"
#include "src/network/draft.h"

namespace sightline::network {

// Owns the arrays behind an SlGraph; names and weights stay in the draft, which must outlive it and not
// change.
class GraphView {
 public:
  explicit GraphView(const Draft& draft);
  GraphView(const GraphView&) = delete;
  GraphView& operator=(const GraphView&) = delete;

  const SlGraph& graph() const { return graph_; }

 private:
  int32_t IndexOf(const std::string& name);  // adds a value of unknown shape when there is none; -1 for ""
  int32_t AddValue(const onnx::ValueInfoProto& info);
  void AddConstant(const onnx::TensorProto& tensor);
  void AddNode(const onnx::NodeProto& node);
  SlAttribute MakeAttribute(const onnx::AttributeProto& attribute);

  std::unordered_map<std::string, int32_t> index_;
  std::vector<SlValue> values_;
  std::vector<SlNode> nodes_;
  std::vector<int32_t> inputs_;
  std::vector<int32_t> outputs_;
  // A deque does not move its elements: nodes point into them.
  std::deque<std::vector<int32_t>> index_lists_;
  std::deque<std::vector<SlAttribute>> attribute_lists_;
  SlGraph graph_{};
};

}  // namespace sightline::network
