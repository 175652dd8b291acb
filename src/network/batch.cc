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
#include <cmath>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "fmt/format.h"
#include "src/network/normalize.h"
#include "src/network/pictures.h"
#include "src/network/reshape.h"
#include "src/network/shape_inference.h"
#include "src/network/simplify.h"
#include "src/network/tensor_data.h"

namespace sightline::network {
namespace {

using Dims = std::vector<Dim>;

bool AllKnown(const Dims& dims) {
  return std::all_of(dims.begin(), dims.end(), [](const Dim& dim) { return dim.known(); });
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

// The scale that makes `to` elements of `from`, by ONNX's floor(from * scale) in single precision: their
// quotient, or the next number above it where rounding would lose the last element.
std::optional<float> ScaleFor(int64_t from, int64_t to) {
  float scale = static_cast<float>(to) / static_cast<float>(from);
  const auto gives = [from](float s) { return std::floor(static_cast<float>(from) * s); };
  if (gives(scale) < static_cast<float>(to)) scale = std::nextafter(scale, 2 * scale);
  return gives(scale) == static_cast<float>(to) ? std::optional(scale) : std::nullopt;
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
      SIGHTLINE_RETURN_IF_ERROR(CheckKeepsPicturesApart(node, opened_, shapes_));
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
    } else if (node.op_type() == "Resize") {
      AdaptResize(node, *input);
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

  // A Resize to `sizes` spells the batch out; scales that give the same sizes leave it alone.
  void AdaptResize(onnx::NodeProto& node, const Dims& input) {
    constexpr int kScales = 2;
    constexpr int kSizes = 3;
    const ValueType file_output = file_shapes_.Find(node.output(0));
    const std::optional<size_t> axis = BatchAxis(input);
    if (opened_.ConstantInput(node, kSizes) == nullptr || !file_output.dims || !axis) return;
    const Dims& output = *file_output.dims;
    if (output.size() != input.size() || !AllKnown(output)) return;
    std::vector<float> scales;
    for (size_t i = 0; i < input.size(); ++i) {
      const bool keeps = i == *axis && output[i].value == file_batch_ * input[i].value;
      if (!keeps && !input[i].known()) return;
      const std::optional<float> scale = keeps ? 1.0F : ScaleFor(input[i].value, output[i].value);
      if (!scale) return;
      scales.push_back(*scale);
    }
    const int64_t count[] = {static_cast<int64_t>(scales.size())};
    const std::string name = UniqueName(node.name() + "_scales", names_);
    opened_.AddConstant(MakeFloatTensor(name, count, scales));
    node.mutable_input()->DeleteSubrange(kSizes, 1);
    node.set_input(kScales, name);
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
