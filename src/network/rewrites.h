// Rewrites that compute the same values in another way, for importers that get the usual way wrong.
//
//   min_max_to_clip           Min or Max with a constant number becomes Clip
//   average_pool_include_pad  AveragePool that counts its padding becomes Pad and an AveragePool without
//   gemm_transposed           Gemm with a constant second matrix gets it transposed (transB=1)
//   factors_same_shape        Mul of two computed values [N, C, H, W] and [N, C, 1, 1] (a gate) gets the gate
//                             in the shape of what it gates, by Resize. From opset 10 on
//   opset_10                  the whole graph in terms of opset 10; refused, naming the node, where it has
//                             no such terms
//   clip_attributes           Clip with its bounds as attributes, whatever the opset: for importers that
//                             look at attributes only. Above opset 10 the result is not valid ONNX
//   axes_attributes           the same for the axes of Squeeze, Unsqueeze and ReduceSum (not valid from
//                             opset 13 on)
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "src/base/result.h"
#include "src/network/draft.h"

namespace sightline::network {

struct Rewrite {
  std::string_view name;
  Status (*apply)(Draft& draft);  // on a normalized draft; the caller normalizes it again
};

// In the order in which they are applied.
std::span<const Rewrite> Rewrites();

// ---- For those who write them ----

// A draft under rewriting: its shapes, and fresh names.
class Rewriter {
 public:
  explicit Rewriter(Draft& draft);

  // Replaces each node by the nodes `rewrite` makes of it: it is handed a copy it may change, and gives back
  // what comes before it, itself included where it stays.
  using NodeRewrite = std::function<Result<std::vector<onnx::NodeProto>>(onnx::NodeProto node)>;
  Status ForEachNode(const NodeRewrite& rewrite);

  const Draft& draft() const { return draft_; }
  // Dimensions of a value; -1 where open. std::nullopt: rank not known.
  std::optional<std::vector<int64_t>> DimsOf(const std::string& value) const;
  int32_t ElementTypeOf(const std::string& value) const;  // TensorProto::DataType; 0: not known

  // A node of its own name that reads `inputs` and gives one new value, output(0).
  onnx::NodeProto NewNode(std::string op_type, const std::string& name,
                          const std::vector<std::string>& inputs);
  // Adds a constant under a name of its own, based on the tensor's; gives the name.
  std::string NewConstant(onnx::TensorProto tensor);

 private:
  Draft& draft_;
  std::unordered_map<std::string, const onnx::ValueInfoProto*> infos_;
  std::unordered_set<std::string> value_names_;
  std::unordered_set<std::string> node_names_;
};

// Clip's bounds from inputs (opset 11) into attributes (opset 6). Fails where they are computed at run time.
Status ClipBoundsToAttributes(onnx::NodeProto& node, const Draft& draft);
// The constant operand `input` of `node` into the attribute `name`, as ints; no operand, no attribute.
Status OperandToAttribute(onnx::NodeProto& node, const Draft& draft, int input, std::string_view name);

Status ToOpset10(Draft& draft);

}  // namespace sightline::network
