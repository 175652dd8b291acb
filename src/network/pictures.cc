#include "src/network/pictures.h"

#include <algorithm>

#include "fmt/format.h"
#include "src/network/preconditions.h"
#include "src/network/tensor_data.h"

namespace sightline::network {
namespace {

using Dims = std::vector<Dim>;

template <size_t kCount>
bool IsOneOf(const onnx::NodeProto& node, const std::string_view (&operators)[kCount]) {
  return std::find(std::begin(operators), std::end(operators), node.op_type()) != std::end(operators);
}

bool IsPerBatch(const Dims& dims, int64_t axis) {
  const auto rank = static_cast<int64_t>(dims.size());
  if (axis < 0) axis += rank;
  return axis >= 0 && axis < rank && dims[static_cast<size_t>(axis)].per_batch();
}

// ---- Along an axis ----

// Operators that, along their axis, compute one picture's values from another's.
struct AlongAxis {
  std::string_view op_type;
  int64_t default_axis;
  std::string_view attribute = "axis";
};

constexpr AlongAxis kAlongAxis[] = {{"Softmax", -1},
                                    {"LogSoftmax", -1},
                                    {"Hardmax", -1},
                                    {"TopK", -1},
                                    {"ArgMax", 0},
                                    {"ArgMin", 0},
                                    {"LpNormalization", -1},
                                    {"Concat", 0},
                                    {"Split", 0},
                                    {"Gather", 0},
                                    {"GatherElements", 0},
                                    {"Scatter", 0},
                                    {"ScatterElements", 0},
                                    {"LayerNormalization", -1},
                                    {"ReverseSequence", 0, "time_axis"}};

bool IsOldSoftmax(const onnx::NodeProto& node, int opset) {
  return opset < 13 && (node.op_type().ends_with("Softmax") || node.op_type() == "Hardmax");
}

bool MixesAlongAxis(const onnx::NodeProto& node, const Dims& input, int opset) {
  const auto* found = std::find_if(std::begin(kAlongAxis), std::end(kAlongAxis),
                                   [&node](const AlongAxis& op) { return op.op_type == node.op_type(); });
  if (found == std::end(kAlongAxis)) return false;
  const bool old_softmax = IsOldSoftmax(node, opset);
  // These take all axes from `axis` on.
  const bool to_the_end = old_softmax || node.op_type() == "LayerNormalization";
  int64_t axis = IntAttribute(node, found->attribute, old_softmax ? 1 : found->default_axis);
  const auto rank = static_cast<int64_t>(input.size());
  if (axis < 0) axis += rank;
  if (axis < 0 || axis >= rank) return false;
  if (!to_the_end) return IsPerBatch(input, axis);
  return std::any_of(input.begin() + axis, input.end(), [](const Dim& dim) { return dim.per_batch(); });
}

// ---- Of the first input ----

// Operators that take dimension 0 for the batch and compute along others.
bool BeginsWithBatch(const onnx::NodeProto& node) {
  constexpr std::string_view kOperators[] = {
      "LRN", "InstanceNormalization", "DepthToSpace", "SpaceToDepth", "Resize", "Upsample"};
  return SlidesWindow(node.op_type()) || IsOneOf(node, kOperators);
}

bool KeepsBatchDim(const Dims& input, const ValueType& output) {
  const std::optional<size_t> axis = BatchAxis(input);
  return axis && output.dims && *axis < output.dims->size() && (*output.dims)[*axis] == input[*axis];
}

// Memory order decides which elements a picture has: as many must lie before it on either side.
bool MovesPictures(const Dims& input, const ValueType& output) {
  const std::optional<size_t> from = BatchAxis(input);
  const std::optional<size_t> to = output.dims ? BatchAxis(*output.dims) : std::nullopt;
  return !from || !to || ProductBefore(input, *from) != ProductBefore(*output.dims, *to);
}

// The constant integers of input `index`, `absent` where there is no such input; std::nullopt when computed.
std::optional<std::vector<int64_t>> ConstantInts(const onnx::NodeProto& node, const Draft& draft, int index,
                                                 std::vector<int64_t> absent) {
  if (!HasInput(node, index)) return absent;
  const onnx::TensorProto* constant = draft.ConstantInput(node, index);
  return constant == nullptr ? std::nullopt : ReadInts(*constant);
}

bool GoesBackwards(const onnx::NodeProto& slice, const Draft& draft) {
  constexpr int kSteps = 4;
  const auto steps = ConstantInts(slice, draft, kSteps, {});
  return !steps || std::any_of(steps->begin(), steps->end(), [](int64_t step) { return step < 0; });
}

bool SumsAcross(const onnx::NodeProto& cumulative, const Dims& input, const Draft& draft) {
  const auto axis = ConstantInts(cumulative, draft, 1, {});
  return !axis || axis->size() != 1 || IsPerBatch(input, axis->front());
}

// Sequences lie side by side along dimension 1, or 0 with `layout`; along the other runs the time.
bool TakesBatchForTime(const onnx::NodeProto& recurrent, const Dims& input) {
  return !IsPerBatch(input, IntAttribute(recurrent, "layout", 0) == 0 ? 1 : 0);
}

bool NormalizesAcross(const onnx::NodeProto& node, const Dims& input) {
  const std::vector<int64_t> axes = IntsAttribute(node, "axes", {0, 2, 3});
  return std::any_of(axes.begin(), axes.end(), [&input](int64_t axis) { return IsPerBatch(input, axis); });
}

bool MixesFirstInput(const onnx::NodeProto& node, const Dims& input, const Draft& draft,
                     const ValueType& output) {
  constexpr std::string_view kRecurrent[] = {"LSTM", "GRU", "RNN"};
  constexpr std::string_view kPickAnywhere[] = {"ScatterND", "RoiAlign", "MaxRoiPool", "Unique", "Compress"};
  constexpr std::string_view kCutOrRepeat[] = {"Slice", "Tile", "Pad", "Resize", "Upsample"};
  const std::string& op = node.op_type();
  if (BeginsWithBatch(node) && !input.front().per_batch()) return true;
  if (IsOneOf(node, kCutOrRepeat) && !KeepsBatchDim(input, output)) return true;
  if (IsOneOf(node, kRecurrent)) return TakesBatchForTime(node, input);
  if (op == "Slice") return GoesBackwards(node, draft);
  if (op == "Reshape") return MovesPictures(input, output);
  if (op == "CumSum") return SumsAcross(node, input, draft);
  if (op == "MeanVarianceNormalization") return NormalizesAcross(node, input);
  if (op == "GatherND") return IntAttribute(node, "batch_dims", 0) == 0;
  return IsOneOf(node, kPickAnywhere);
}

bool MixesPictures(const onnx::NodeProto& node, const Draft& opened, const ShapeInference& shapes) {
  if (!IsDefaultDomain(node)) return false;
  for (int i = 0; i < node.input_size(); ++i) {
    const std::optional<Dims> input = BatchDims(shapes, node.input(i));
    if (!input || (i > 0 && node.op_type() != "Concat")) continue;
    if (MixesAlongAxis(node, *input, opened.opset())) return true;
    if (i == 0 && MixesFirstInput(node, *input, opened, shapes.Find(node.output(0)))) return true;
  }
  return false;
}

Status CheckOutputsGrow(const onnx::NodeProto& node, const ShapeInference& shapes) {
  for (const std::string& name : node.output()) {
    if (name.empty()) continue;
    const std::optional<Dims> output = BatchDims(shapes, name);
    if (!output) {
      return CantFollow(node,
                        "gives a result that does not grow with the batch, so it drops or mixes pictures");
    }
    if (!BatchAxis(*output)) return CantFollow(node, "sets every picture against every other");
  }
  return OkStatus();
}

bool ReadsBatch(const onnx::NodeProto& node, const ShapeInference& shapes) {
  bool reads = false;
  ForEachRead(node, [&](const std::string& name) { reads = reads || BatchDims(shapes, name); });
  return reads;
}

}  // namespace

Error CantFollow(const onnx::NodeProto& node, std::string_view why) {
  return {ErrorKind::kUnsupported,
          fmt::format("{} {}: use the batch the file has, or export it with an open batch", NodeLabel(node),
                      why)};
}

std::optional<std::vector<Dim>> BatchDims(const ShapeInference& shapes, const std::string& value) {
  ValueType type = shapes.Find(value);
  if (!type.dims) return std::nullopt;
  const bool grows =
      std::any_of(type.dims->begin(), type.dims->end(), [](const Dim& dim) { return dim.per_batch(); });
  return grows ? std::move(type.dims) : std::nullopt;
}

std::optional<size_t> BatchAxis(const std::vector<Dim>& dims) {
  const auto is_per_batch = [](const Dim& dim) { return dim.per_batch(); };
  if (std::count_if(dims.begin(), dims.end(), is_per_batch) != 1) return std::nullopt;
  return static_cast<size_t>(std::find_if(dims.begin(), dims.end(), is_per_batch) - dims.begin());
}

int64_t ProductBefore(const std::vector<Dim>& dims, size_t axis) {
  int64_t product = 1;
  for (size_t i = 0; i < axis; ++i) product *= dims[i].value;
  return product;
}

Status CheckKeepsPicturesApart(const onnx::NodeProto& node, const Draft& opened,
                               const ShapeInference& shapes) {
  if (node.op_type() == "Shape" || node.op_type() == "Size" || !ReadsBatch(node, shapes)) return OkStatus();
  if (HasSubgraph(node)) return CantFollow(node, "hands pictures to a graph of its own");
  if (MixesPictures(node, opened, shapes)) {
    return CantFollow(node, "computes along the batch, across pictures");
  }
  if (IntAttribute(node, "training_mode", 0) != 0) {
    return CantFollow(node, "takes its statistics across pictures");
  }
  return CheckOutputsGrow(node, shapes);
}

}  // namespace sightline::network
