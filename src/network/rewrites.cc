#include "src/network/rewrites.h"

#include <algorithm>
#include <array>
#include <utility>

#include "fmt/format.h"
#include "src/network/tensor_data.h"

namespace sightline::network {
namespace {

using Nodes = std::vector<onnx::NodeProto>;

bool Is(const onnx::NodeProto& node, std::string_view op_type) {
  return node.op_type() == op_type && IsDefaultDomain(node);
}

// ---- min_max_to_clip ----

// Input `index` as the one number that bounds a float tensor.
std::optional<float> Bound(const onnx::NodeProto& node, int index, const Draft& draft) {
  const onnx::TensorProto* constant = draft.ConstantInput(node, index);
  if (constant == nullptr || constant->data_type() != onnx::TensorProto::FLOAT) return std::nullopt;
  const std::optional<double> value = ReadScalar(*constant);
  return value ? std::optional(static_cast<float>(*value)) : std::nullopt;
}

void WriteClip(onnx::NodeProto& node, const std::string& data, float bound, Rewriter& rewriter) {
  const bool upper = node.op_type() == "Min";
  node.set_op_type("Clip");
  node.clear_input();
  node.add_input(data);
  if (rewriter.draft().opset() < 11) {
    SetFloatAttribute(node, upper ? "max" : "min", bound);
    return;
  }
  const float values[] = {bound};
  if (upper) node.add_input("");
  node.add_input(rewriter.NewConstant(MakeFloatTensor(node.name() + "_bound", {}, values)));
}

Status MinMaxToClip(Draft& draft) {
  Rewriter rewriter(draft);
  return rewriter.ForEachNode([&](onnx::NodeProto node) -> Result<Nodes> {
    if ((!Is(node, "Min") && !Is(node, "Max")) || node.input_size() != 2) return Nodes{std::move(node)};
    for (const int index : {0, 1}) {
      const std::string data = node.input(1 - index);
      const std::optional<float> bound = Bound(node, index, draft);
      const auto data_dims = rewriter.DimsOf(data);
      // The constant must not add dimensions by broadcasting.
      if (!bound || !data_dims ||
          draft.ConstantInput(node, index)->dims_size() > static_cast<int>(data_dims->size())) {
        continue;
      }
      WriteClip(node, data, *bound, rewriter);
      break;
    }
    return Nodes{std::move(node)};
  });
}

// ---- average_pool_include_pad ----

onnx::NodeProto PadNode(const onnx::NodeProto& pool, const std::vector<int64_t>& pads, Rewriter& rewriter) {
  // `pads` are of the spatial axes, begins then ends; Pad wants those of batch and channel too.
  const size_t axes = pads.size() / 2;
  const auto middle = pads.begin() + static_cast<std::ptrdiff_t>(axes);
  std::vector<int64_t> all_pads = {0, 0};
  all_pads.insert(all_pads.end(), pads.begin(), middle);
  all_pads.insert(all_pads.end(), {0, 0});
  all_pads.insert(all_pads.end(), middle, pads.end());
  onnx::NodeProto pad = rewriter.NewNode("Pad", pool.name() + "_pad", {pool.input(0)});
  if (rewriter.draft().opset() < 11) {
    SetIntsAttribute(pad, "pads", all_pads);  // constant zeros by default
  } else {
    pad.add_input(rewriter.NewConstant(MakeIntTensor(pad.name() + "_pads", all_pads)));
  }
  return pad;
}

Status ExplicitAveragePoolPads(Draft& draft) {
  Rewriter rewriter(draft);
  return rewriter.ForEachNode([&](onnx::NodeProto node) -> Result<Nodes> {
    if (!Is(node, "AveragePool") || IntAttribute(node, "count_include_pad", 0) == 0)
      return Nodes{std::move(node)};
    const std::vector<int64_t> pads = IntsAttribute(node, "pads");
    const bool padded = std::any_of(pads.begin(), pads.end(), [](int64_t pad) { return pad != 0; });
    if (FindAttribute(node, "auto_pad") != nullptr)
      return Nodes{std::move(node)};  // size not known: nothing to write
    RemoveAttribute(node, "count_include_pad");
    RemoveAttribute(node, "pads");
    if (!padded) return Nodes{std::move(node)};
    onnx::NodeProto pad = PadNode(node, pads, rewriter);
    node.set_input(0, pad.output(0));
    return Nodes{std::move(pad), std::move(node)};
  });
}

// ---- gemm_transposed ----

// Tile by tile, so that both sides stay in the cache.
std::string TransposeBytes(const std::string& from, size_t rows, size_t columns, size_t element_bytes) {
  constexpr size_t kTile = 32;
  std::string to(from.size(), '\0');
  for (size_t row_tile = 0; row_tile < rows; row_tile += kTile) {
    for (size_t column_tile = 0; column_tile < columns; column_tile += kTile) {
      for (size_t row = row_tile; row < std::min(rows, row_tile + kTile); ++row) {
        for (size_t column = column_tile; column < std::min(columns, column_tile + kTile); ++column) {
          std::copy_n(from.data() + (row * columns + column) * element_bytes, element_bytes,
                      to.data() + (column * rows + row) * element_bytes);
        }
      }
    }
  }
  return to;
}

Status TransposeGemmWeights(Draft& draft) {
  Rewriter rewriter(draft);
  std::unordered_map<std::string, std::string>
      transposed;  // a matrix that two nodes share is transposed once
  return rewriter.ForEachNode([&](onnx::NodeProto node) -> Result<Nodes> {
    const onnx::TensorProto* weights = Is(node, "Gemm") ? draft.ConstantInput(node, 1) : nullptr;
    if (weights == nullptr || IntAttribute(node, "transB", 0) != 0 || weights->dims_size() != 2) {
      return Nodes{std::move(node)};
    }
    std::string& name = transposed[node.input(1)];
    if (name.empty()) {
      const int64_t dims[] = {weights->dims(1), weights->dims(0)};
      name = rewriter.NewConstant(
          MakeTensor(weights->name() + "_transposed", weights->data_type(), dims,
                     TransposeBytes(weights->raw_data(), static_cast<size_t>(dims[1]),
                                    static_cast<size_t>(dims[0]), ElementBytes(weights->data_type()))));
    }
    node.set_input(1, name);
    SetIntAttribute(node, "transB", 1);
    return Nodes{std::move(node)};
  });
}

// ---- factors_same_shape ----

using Dims4 = std::array<int64_t, 4>;

// Of a value that a node computes, with known channels, height and width.
std::optional<Dims4> MapDims(const onnx::NodeProto& node, int index, const Rewriter& rewriter) {
  if (rewriter.draft().ConstantInput(node, index) != nullptr) return std::nullopt;
  const auto dims = rewriter.DimsOf(node.input(index));
  const auto known = [](int64_t dim) { return dim > 0; };
  if (!dims || dims->size() != 4 || !std::all_of(dims->begin() + 1, dims->end(), known)) return std::nullopt;
  return Dims4{(*dims)[0], (*dims)[1], (*dims)[2], (*dims)[3]};
}

void SetTextAttribute(onnx::NodeProto& node, std::string_view name, std::string_view text) {
  onnx::AttributeProto& attribute = *node.add_attribute();
  attribute.set_name(std::string(name));
  attribute.set_type(onnx::AttributeProto::STRING);
  attribute.set_s(std::string(text));
}

// [N, C, 1, 1] to [N, C, H, W].
onnx::NodeProto SpreadOverPlane(const onnx::NodeProto& mul, int index, const Dims4& to, Rewriter& rewriter) {
  const float values[] = {1, 1, static_cast<float>(to[2]), static_cast<float>(to[3])};
  const int64_t dims[] = {4};
  const std::string scales = rewriter.NewConstant(MakeFloatTensor(mul.name() + "_scales", dims, values));
  const bool newer = rewriter.draft().opset() >= 11;
  onnx::NodeProto resize = rewriter.NewNode("Resize", mul.name() + "_spread", {mul.input(index)});
  if (newer) {
    resize.add_input("");  // the region of interest
    SetTextAttribute(resize, "coordinate_transformation_mode", "asymmetric");
    SetTextAttribute(resize, "nearest_mode", "floor");
  }
  resize.add_input(scales);
  SetTextAttribute(resize, "mode", "nearest");
  return resize;
}

Status FactorsSameShape(Draft& draft) {
  if (draft.opset() < 10) return OkStatus();
  Rewriter rewriter(draft);
  return rewriter.ForEachNode([&](onnx::NodeProto node) -> Result<Nodes> {
    if (!Is(node, "Mul") || node.input_size() != 2) return Nodes{std::move(node)};
    const auto first = MapDims(node, 0, rewriter);
    const auto second = MapDims(node, 1, rewriter);
    if (!first || !second || rewriter.ElementTypeOf(node.input(0)) != onnx::TensorProto::FLOAT) {
      return Nodes{std::move(node)};
    }
    for (const int index : {0, 1}) {
      const Dims4& small = index == 0 ? *first : *second;
      const Dims4& large = index == 0 ? *second : *first;
      const bool same_plane = small[2] == large[2] && small[3] == large[3];
      const bool gate = small[1] == large[1] && small[2] == 1 && small[3] == 1 && !same_plane;
      if (small[0] != large[0] || !gate) continue;
      onnx::NodeProto spread = SpreadOverPlane(node, index, large, rewriter);
      node.set_input(index, spread.output(0));
      return Nodes{std::move(spread), std::move(node)};
    }
    return Nodes{std::move(node)};
  });
}

// ---- clip_attributes, axes_attributes ----

Status ClipAttributes(Draft& draft) {
  if (draft.opset() < 11) return OkStatus();
  for (onnx::NodeProto& node : *draft.graph().mutable_node()) {
    if (Is(node, "Clip")) SIGHTLINE_RETURN_IF_ERROR(ClipBoundsToAttributes(node, draft));
  }
  return OkStatus();
}

Status AxesAttributes(Draft& draft) {
  if (draft.opset() < 13) return OkStatus();
  for (onnx::NodeProto& node : *draft.graph().mutable_node()) {
    if (!Is(node, "Squeeze") && !Is(node, "Unsqueeze") && !Is(node, "ReduceSum")) continue;
    SIGHTLINE_RETURN_IF_ERROR(OperandToAttribute(node, draft, 1, "axes"));
  }
  return OkStatus();
}

constexpr Rewrite kRewrites[] = {
    {"min_max_to_clip", MinMaxToClip},
    {"average_pool_include_pad", ExplicitAveragePoolPads},
    {"gemm_transposed", TransposeGemmWeights},
    {"factors_same_shape", FactorsSameShape},
    {"opset_10", ToOpset10},
    {"clip_attributes", ClipAttributes},
    {"axes_attributes", AxesAttributes},
};

Error ComputedOperand(const onnx::NodeProto& node, std::string_view operand) {
  return {ErrorKind::kUnsupported,
          fmt::format(
              "{} takes its {} from another node at run time, and this backend's importer needs a constant",
              NodeLabel(node), operand)};
}

}  // namespace

std::span<const Rewrite> Rewrites() {
  return kRewrites;
}

Rewriter::Rewriter(Draft& draft) : draft_(draft), value_names_(ValueNames(draft)) {
  for (const auto* infos : {&draft.graph().input(), &draft.graph().output(), &draft.graph().value_info()}) {
    for (const onnx::ValueInfoProto& info : *infos) infos_[info.name()] = &info;
  }
  for (const onnx::NodeProto& node : draft.graph().node()) node_names_.insert(node.name());
}

Status Rewriter::ForEachNode(const NodeRewrite& rewrite) {
  google::protobuf::RepeatedPtrField<onnx::NodeProto> rewritten;
  for (const onnx::NodeProto& node : draft_.graph().node()) {
    SIGHTLINE_ASSIGN_OR_RETURN(Nodes nodes, rewrite(node));
    for (onnx::NodeProto& replacement : nodes) *rewritten.Add() = std::move(replacement);
  }
  draft_.graph().mutable_node()->Swap(&rewritten);
  return OkStatus();
}

std::optional<std::vector<int64_t>> Rewriter::DimsOf(const std::string& value) const {
  if (const onnx::TensorProto* constant = draft_.FindConstant(value)) return Dims(*constant);
  const auto info = infos_.find(value);
  if (info == infos_.end() || !info->second->type().tensor_type().has_shape()) return std::nullopt;
  std::vector<int64_t> dims;
  for (const auto& dim : info->second->type().tensor_type().shape().dim()) {
    dims.push_back(dim.has_dim_value() ? dim.dim_value() : -1);
  }
  return dims;
}

int32_t Rewriter::ElementTypeOf(const std::string& value) const {
  if (const onnx::TensorProto* constant = draft_.FindConstant(value)) return constant->data_type();
  const auto info = infos_.find(value);
  return info == infos_.end() ? 0 : info->second->type().tensor_type().elem_type();
}

onnx::NodeProto Rewriter::NewNode(std::string op_type, const std::string& name,
                                  const std::vector<std::string>& inputs) {
  onnx::NodeProto node;
  node.set_op_type(std::move(op_type));
  node.set_name(UniqueName(name, node_names_));
  for (const std::string& input : inputs) node.add_input(input);
  node.add_output(UniqueName(name + "_output", value_names_));
  return node;
}

std::string Rewriter::NewConstant(onnx::TensorProto tensor) {
  tensor.set_name(UniqueName(tensor.name(), value_names_));
  std::string name = tensor.name();
  draft_.AddConstant(std::move(tensor));
  return name;
}

Status ClipBoundsToAttributes(onnx::NodeProto& node, const Draft& draft) {
  for (const auto& [index, name] : {std::pair{1, "min"}, std::pair{2, "max"}}) {
    if (!HasInput(node, index)) continue;
    const onnx::TensorProto* bound = draft.ConstantInput(node, index);
    const std::optional<double> value = bound == nullptr ? std::nullopt : ReadScalar(*bound);
    if (!value) return ComputedOperand(node, fmt::format("bound '{}'", name));
    SetFloatAttribute(node, name, static_cast<float>(*value));
  }
  if (node.input_size() > 1) node.mutable_input()->DeleteSubrange(1, node.input_size() - 1);
  return OkStatus();
}

Status OperandToAttribute(onnx::NodeProto& node, const Draft& draft, int input, std::string_view name) {
  if (!HasInput(node, input)) return OkStatus();
  const onnx::TensorProto* operand = draft.ConstantInput(node, input);
  const auto values = operand == nullptr ? std::nullopt : ReadInts(*operand);
  if (!values) return ComputedOperand(node, name);
  SetIntsAttribute(node, name, *values);
  node.mutable_input()->DeleteSubrange(input, node.input_size() - input);
  return OkStatus();
}

}  // namespace sightline::network
