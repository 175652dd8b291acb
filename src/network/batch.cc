// How a batch baked into a file is opened.
//
// The graph is walked twice: once as it is, which gives every shape at the file's own batch, and once with
// the batch open. In the second walk a constant that spells the batch out (a Reshape target, mostly) is
// rewritten where it is met, so that the shapes after it are right when they are inferred. Memory order
// decides where the batch goes in a Reshape: what lies before the batch axis on one side lies before it on
// the other. So each picture keeps its own elements in their order, and nothing else than the number of
// pictures changes.
#include "src/network/batch.h"

#include <algorithm>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "fmt/format.h"
#include "src/network/normalize.h"
#include "src/network/reshape.h"
#include "src/network/shape_inference.h"
#include "src/network/simplify.h"
#include "src/network/tensor_data.h"

namespace sightline::network {
namespace {

using Dims = std::vector<Dim>;

Error CantFollow(const onnx::NodeProto& node, std::string_view why) {
  return {ErrorKind::kUnsupported,
          fmt::format("{} {}: use the batch the file has, or export it with an open batch", NodeLabel(node),
                      why)};
}

bool AllKnown(const Dims& dims) {
  return std::all_of(dims.begin(), dims.end(), [](const Dim& dim) { return dim.known(); });
}

// The dimensions of a value that grows with the batch; std::nullopt when it does not, or nobody knows.
std::optional<Dims> BatchDims(const ShapeInference& shapes, const std::string& value) {
  ValueType type = shapes.Find(value);
  if (!type.dims) return std::nullopt;
  const bool grows =
      std::any_of(type.dims->begin(), type.dims->end(), [](const Dim& dim) { return dim.per_batch(); });
  return grows ? std::move(type.dims) : std::nullopt;
}

// The axis that holds the batch; std::nullopt when there is none or more than one.
std::optional<size_t> BatchAxis(const Dims& dims) {
  const auto is_per_batch = [](const Dim& dim) { return dim.per_batch(); };
  if (std::count_if(dims.begin(), dims.end(), is_per_batch) != 1) return std::nullopt;
  return static_cast<size_t>(std::find_if(dims.begin(), dims.end(), is_per_batch) - dims.begin());
}

int64_t ProductBefore(const Dims& dims, size_t axis) {
  int64_t product = 1;
  for (size_t i = 0; i < axis; ++i) product *= dims[i].value;
  return product;
}

// `file_output`, the shape at the file's batch, with the batch opened where memory order puts it.
std::optional<Dims> OpenReshape(const Dims& input, const Dims& file_output, int64_t file_batch) {
  const std::optional<size_t> axis = BatchAxis(input);
  if (!axis || !AllKnown(file_output)) return std::nullopt;
  const int64_t before = ProductBefore(input, *axis);
  std::optional<size_t> place;
  for (size_t i = 0; i < file_output.size(); ++i) {
    const bool fits = ProductBefore(file_output, i) == before && file_output[i].value % file_batch == 0;
    // Dimensions of one leave a choice; the axis it has already is the natural one.
    if (fits && (!place || i == *axis)) place = i;
  }
  if (!place) return std::nullopt;
  Dims output = file_output;
  output[*place] = {Dim::Kind::kPerBatch, file_output[*place].value / file_batch};
  return output;
}

// Operators that, along their axis, compute one picture's values from another's.
struct AlongAxis {
  std::string_view op_type;
  int64_t default_axis;
};
constexpr AlongAxis kAlongAxis[] = {
    {"Softmax", -1}, {"LogSoftmax", -1},      {"Hardmax", -1}, {"TopK", -1}, {"ArgMax", 0},
    {"ArgMin", 0},   {"LpNormalization", -1}, {"Concat", 0},   {"Split", 0}};

bool IsOldSoftmax(const onnx::NodeProto& node, int opset) {
  return opset < 13 && (node.op_type().ends_with("Softmax") || node.op_type() == "Hardmax");
}

bool MixesAlongAxis(const onnx::NodeProto& node, const Dims& input, int opset) {
  const auto* found = std::find_if(std::begin(kAlongAxis), std::end(kAlongAxis),
                                   [&node](const AlongAxis& op) { return op.op_type == node.op_type(); });
  if (found == std::end(kAlongAxis) || input.empty()) return false;
  const bool to_the_end = IsOldSoftmax(node, opset);  // it flattens all axes from `axis` on
  int64_t axis = IntAttribute(node, "axis", to_the_end ? 1 : found->default_axis);
  const auto rank = static_cast<int64_t>(input.size());
  if (axis < 0) axis += rank;
  if (axis < 0 || axis >= rank) return false;
  const auto begin = input.begin() + axis;
  return std::any_of(begin, to_the_end ? input.end() : begin + 1,
                     [](const Dim& dim) { return dim.per_batch(); });
}

// The second walk.
class BatchOpener {
 public:
  BatchOpener(const Draft& file, Draft& opened, int64_t file_batch)
      : opened_(opened),
        file_batch_(file_batch),
        file_shapes_(file),
        shapes_(opened),
        names_(ValueNames(opened)) {}

  Status Run(const Draft& file) {
    for (const onnx::NodeProto& node : file.graph().node()) {
      SIGHTLINE_RETURN_IF_ERROR(file_shapes_.Infer(node, kNothingKnown));
    }
    for (onnx::NodeProto& node : *opened_.graph().mutable_node()) {
      SIGHTLINE_RETURN_IF_ERROR(Adapt(node));
      SIGHTLINE_RETURN_IF_ERROR(shapes_.Infer(node, kNothingKnown));
      SIGHTLINE_RETURN_IF_ERROR(CheckKeepsPicturesApart(node));
    }
    return CheckOutputs();
  }

 private:
  inline static const KnownTensors kNothingKnown;

  Status Adapt(onnx::NodeProto& node) {
    if (!IsDefaultDomain(node) || node.input_size() == 0) return OkStatus();
    const std::optional<Dims> input = BatchDims(shapes_, node.input(0));
    if (!input) return OkStatus();
    if (node.op_type() == "Reshape") return AdaptReshape(node, *input);
    if (IsSameShape(node)) {
      node.set_op_type("Identity");  // Slice, Expand or Tile that took the whole of a file's batch of one
      node.clear_attribute();
      node.mutable_input()->DeleteSubrange(1, node.input_size() - 1);
    } else if (node.op_type() == "Expand") {
      AdaptExpand(node, *input);
    }
    return OkStatus();
  }

  Status AdaptReshape(onnx::NodeProto& node, const Dims& input) {
    const ValueType file_output = file_shapes_.Find(node.output(0));
    if (opened_.ConstantInput(node, 1) == nullptr || !file_output.dims || file_batch_ == 0) return OkStatus();
    const std::optional<Dims> output = OpenReshape(input, *file_output.dims, file_batch_);
    const auto target = output ? ReshapeTarget(input, *output) : std::nullopt;
    if (!target) {
      return CantFollow(node, fmt::format("turns {} into {} and joins the batch with other dimensions",
                                          DimsToString(input), DimsToString(*file_output.dims)));
    }
    RemoveAttribute(node, "allowzero");
    SetShapeOperand(node, *target, opened_, names_);
    return OkStatus();
  }

  // Before the batch was opened: as much out as in, so nothing was cut off or repeated.
  bool IsSameShape(const onnx::NodeProto& node) const {
    constexpr std::string_view kOperators[] = {"Slice", "Expand", "Tile"};
    if (std::find(std::begin(kOperators), std::end(kOperators), node.op_type()) == std::end(kOperators))
      return false;
    const ValueType input = file_shapes_.Find(node.input(0));
    const ValueType output = file_shapes_.Find(node.output(0));
    if (!input.dims || !output.dims || !AllKnown(*input.dims) || *input.dims != *output.dims) return false;
    if (node.op_type() != "Slice" || !HasInput(node, 4)) return true;
    const onnx::TensorProto* steps = opened_.ConstantInput(node, 4);
    const auto values = steps == nullptr ? std::nullopt : ReadInts(*steps);
    return values && std::all_of(values->begin(), values->end(), [](int64_t step) { return step == 1; });
  }

  // Expand keeps a dimension where its operand says one.
  void AdaptExpand(onnx::NodeProto& node, const Dims& input) {
    const onnx::TensorProto* operand = opened_.ConstantInput(node, 1);
    auto values = operand == nullptr ? std::nullopt : ReadInts(*operand);
    const std::optional<size_t> axis = BatchAxis(input);
    if (!values || !axis || values->size() < input.size()) return;
    (*values)[values->size() - input.size() + *axis] = 1;
    SetShapeOperand(node, *values, opened_, names_);
  }

  Status CheckKeepsPicturesApart(const onnx::NodeProto& node) const {
    if (node.op_type() == "Shape" || node.op_type() == "Size") return OkStatus();
    bool reads_batch = false;
    for (const std::string& name : node.input()) {
      const std::optional<Dims> input = BatchDims(shapes_, name);
      if (!input) continue;
      reads_batch = true;
      if (MixesAlongAxis(node, *input, opened_.opset())) {
        return CantFollow(node, "computes along the batch, across pictures");
      }
    }
    if (!reads_batch) return OkStatus();
    if (IntAttribute(node, "training_mode", 0) != 0)
      return CantFollow(node, "takes its statistics across pictures");
    const bool keeps =
        std::any_of(node.output().begin(), node.output().end(),
                    [this](const std::string& name) { return BatchDims(shapes_, name).has_value(); });
    if (keeps) return OkStatus();
    return CantFollow(node,
                      "gives a result that does not grow with the batch, so it drops or mixes pictures");
  }

  Status CheckOutputs() const {
    for (const onnx::ValueInfoProto& output : opened_.graph().output()) {
      const std::optional<Dims> dims = BatchDims(shapes_, output.name());
      // An output no picture goes into, like a table of anchor boxes, is the same for any batch.
      if (!dims || dims->front().is_batch()) continue;
      for (const onnx::NodeProto& node : opened_.graph().node()) {
        if (std::find(node.output().begin(), node.output().end(), output.name()) == node.output().end())
          continue;
        return CantFollow(node,
                          fmt::format("makes output '{}' of shape {}, which does not begin with the batch",
                                      output.name(), DimsToString(*dims)));
      }
    }
    return OkStatus();
  }

  Draft& opened_;
  const int64_t file_batch_;  // 0: open in the file
  ShapeInference file_shapes_;
  ShapeInference shapes_;
  std::unordered_set<std::string> names_;
};

// Shapes written for another batch are no help.
void ForgetShapes(Draft& draft) {
  draft.graph().clear_value_info();
  for (onnx::ValueInfoProto& output : *draft.graph().mutable_output()) {
    output.mutable_type()->mutable_tensor_type()->clear_shape();
  }
}

}  // namespace

Status ChangeBatch(Draft& draft, std::optional<int64_t> batch) {
  const std::optional<int64_t> file_batch = BatchOf(draft);
  if (batch && *batch < 1) {
    return Error(ErrorKind::kInvalidArgument, fmt::format("batch {} makes no sense: give 1 or more", *batch));
  }
  if (file_batch == 0) {
    return Error(ErrorKind::kUnsupported, "its first input has no dimension that could be a batch");
  }
  if (batch == file_batch) return OkStatus();
  // A batch of one is within the file's own word where it leaves the batch open, whatever the network does
  // with it.
  if (file_batch || batch != 1) {
    const Draft file = draft;
    SetInputBatch(draft, std::nullopt);
    if (file_batch) ForgetShapes(draft);
    if (const Status opened = BatchOpener(file, draft, file_batch.value_or(0)).Run(file); !opened.ok()) {
      return opened.error().WithContext(fmt::format("its batch can't be changed from {} to {}",
                                                    file_batch ? std::to_string(*file_batch) : "open",
                                                    batch ? std::to_string(*batch) : "open"));
    }
    RemoveIdentities(draft);
  }
  SetInputBatch(draft, batch);
  return Renormalize(draft);
}

}  // namespace sightline::network
