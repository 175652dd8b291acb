#include "src/network/normalize.h"

#include <algorithm>
#include <string>
#include <unordered_set>
#include <utility>

#include "fmt/format.h"
#include "include/sightline/backend_abi.h"
#include "src/network/consistency.h"
#include "src/network/fold.h"
#include "src/network/padding.h"
#include "src/network/preconditions.h"
#include "src/network/reshape.h"
#include "src/network/shape_inference.h"
#include "src/network/simplify.h"
#include "src/network/tensor_data.h"

namespace sightline::network {
namespace {

Status CheckDims(const std::string& name, const onnx::TensorShapeProto& shape) {
  int64_t count = 1;
  for (const auto& dim : shape.dim()) {
    if (!dim.has_dim_value()) continue;
    const int64_t value = dim.dim_value();
    const bool overflows = __builtin_mul_overflow(count, std::max<int64_t>(value, 1), &count);
    if (value >= 0 && value <= kLargestDim && !overflows && count <= kLargestElementCount) continue;
    return Error(
        ErrorKind::kInvalidArgument,
        fmt::format("value '{}' has a dimension of {}, with which it would be larger than any tensor: "
                    "export the model again",
                    name, value));
  }
  return OkStatus();
}

// Of what the graph starts from; inference checks what is computed.
Status CheckSizes(const Draft& draft) {
  for (const onnx::ValueInfoProto& input : draft.graph().input()) {
    SIGHTLINE_RETURN_IF_ERROR(CheckDims(input.name(), input.type().tensor_type().shape()));
  }
  for (const auto& [name, constant] : draft.constants) {
    onnx::TensorShapeProto shape;
    for (const int64_t dim : constant->dims()) shape.add_dim()->set_dim_value(dim);
    SIGHTLINE_RETURN_IF_ERROR(CheckDims(name, shape));
  }
  return OkStatus();
}

// What folding may add. Every weight moved once or twice is well within; a small file that repeats and
// copies until the memory is full is not.
class FoldingBudget {
 public:
  explicit FoldingBudget(const Draft& draft) {
    for (const auto& [name, constant] : draft.constants) {
      left_ += 2 * static_cast<int64_t>(constant->raw_data().size());
    }
  }
  int64_t left() const { return left_; }
  void Spend(const Folded& folded) {
    if (folded.constant) left_ -= static_cast<int64_t>(folded.constant->raw_data().size());
    if (folded.partial) left_ -= static_cast<int64_t>(folded.partial->elements.size() * sizeof(Element));
  }

 private:
  int64_t left_ = int64_t{64} << 20;
};

// One walk in execution order: infers each node's outputs and folds it if it can be, so that what shape
// arithmetic gives is there when the node that needs it is reached.
Status InferAndFold(Draft& draft, ShapeInference& shapes) {
  std::unordered_set<std::string> outputs;
  for (const auto& output : draft.graph().output()) outputs.insert(output.name());
  KnownTensors known;
  std::unordered_set<std::string> names = ValueNames(draft);
  std::unordered_set<std::string> folded_nodes;
  FoldingBudget budget(draft);
  for (onnx::NodeProto& node : *draft.graph().mutable_node()) {
    MakeTargetConstant(node, draft, shapes, known, names);
    SIGHTLINE_RETURN_IF_ERROR(shapes.Infer(node, known));
    SIGHTLINE_RETURN_IF_ERROR(CheckConsistency(node, shapes));
    Folded folded = FoldNode(node, draft, shapes, known, budget.left());
    budget.Spend(folded);
    if (folded.partial) known.emplace(node.output(0), *std::move(folded.partial));
    // An output of the graph stays the output of a node: no framework likes a network that computes nothing.
    if (!folded.constant || outputs.contains(node.output(0))) continue;
    draft.AddConstant(*std::move(folded.constant));
    folded_nodes.insert(node.name());
  }
  FilterNodes(draft.graph(),
              [&folded_nodes](const onnx::NodeProto& node) { return !folded_nodes.contains(node.name()); });
  return OkStatus();
}

// What the backend ABI can't say has no place in a normalized network.
Status CheckExpressible(const std::string& name, const ValueType& type) {
  const auto refuse = [&name](const std::string& why) {
    return Error(ErrorKind::kUnsupported,
                 fmt::format("value '{}' {}, which no backend computes with", name, why));
  };
  if (!type.is_tensor) return refuse("is not a tensor");
  if (type.element_type != 0 && !ToSlDataType(type.element_type)) {
    return refuse("has type " + ElementTypeName(type.element_type));
  }
  if (type.dims && type.dims->size() > SL_MAX_RANK) {
    return refuse(fmt::format("has {} dimensions", type.dims->size()));
  }
  return OkStatus();
}

void WriteType(const ValueType& type, onnx::ValueInfoProto& info) {
  if (!type.is_tensor || type.element_type == 0) return;
  auto& tensor_type = *info.mutable_type()->mutable_tensor_type();
  tensor_type.set_elem_type(type.element_type);
  if (!type.dims) return;
  tensor_type.clear_shape();
  auto& shape = *tensor_type.mutable_shape();
  for (const Dim& dim : *type.dims) {
    auto& written = *shape.add_dim();
    if (dim.known()) written.set_dim_value(dim.value);
    if (dim.is_batch()) written.set_dim_param(kBatchSymbol);
  }
}

// Replaces what the file declares by what was inferred.
Status WriteShapes(Draft& draft, const ShapeInference& shapes) {
  onnx::GraphProto& graph = draft.graph();
  google::protobuf::RepeatedPtrField<onnx::ValueInfoProto> value_info;
  std::unordered_set<std::string> outputs;
  for (onnx::ValueInfoProto& output : *graph.mutable_output()) {
    const ValueType type = shapes.Find(output.name());
    SIGHTLINE_RETURN_IF_ERROR(CheckExpressible(output.name(), type));
    WriteType(type, output);
    outputs.insert(output.name());
  }
  for (const onnx::ValueInfoProto& input : graph.input()) {
    SIGHTLINE_RETURN_IF_ERROR(CheckExpressible(input.name(), shapes.Find(input.name())));
  }
  for (const auto& [name, constant] : draft.constants) {
    SIGHTLINE_RETURN_IF_ERROR(CheckExpressible(name, shapes.Find(name)));
  }
  for (const onnx::NodeProto& node : graph.node()) {
    for (const std::string& name : node.output()) {
      if (name.empty() || outputs.contains(name)) continue;
      const ValueType type = shapes.Find(name);
      SIGHTLINE_RETURN_IF_ERROR(CheckExpressible(name, type));
      if (type.element_type == 0) continue;
      onnx::ValueInfoProto& info = *value_info.Add();
      info.set_name(name);
      WriteType(type, info);
    }
  }
  graph.mutable_value_info()->Swap(&value_info);
  return OkStatus();
}

}  // namespace

Status Renormalize(Draft& draft) {
  SIGHTLINE_RETURN_IF_ERROR(CheckSizes(draft));
  ShapeInference shapes(draft);
  SIGHTLINE_RETURN_IF_ERROR(InferAndFold(draft, shapes));
  MakeWindowsExplicit(draft, shapes);
  RemoveDead(draft);
  if (draft.graph().node_size() == 0) {
    return Error(ErrorKind::kInvalidArgument, "none of its outputs is computed: export it again");
  }
  return WriteShapes(draft, shapes);
}

Status Normalize(Draft& draft) {
  NameNodes(draft);
  SIGHTLINE_RETURN_IF_ERROR(RemoveConstantNodes(draft));
  RemoveIdentities(draft);
  NameBatch(draft);
  return Renormalize(draft);
}

}  // namespace sightline::network
