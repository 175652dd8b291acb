#include "backends/kit/onnx_nodes.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "backends/kit/info.h"

namespace sightline::kit {
namespace {

// 0, 1, ..., count - 1
Dims FirstAxes(size_t count) {
  Dims axes(count);
  std::iota(axes.begin(), axes.end(), 0);
  return axes;
}

}  // namespace

Status NeedsConstant(const GraphNode& node, int i) {
  if (!node.has_input(i)) return InvalidArgument("input ", i, " is missing");
  const GraphValue input = node.input(i);
  if (input.is_constant() && input.type() == SL_F32) return Ok();
  return Unsupported("input '", input.name(), "' must be a constant of fp32 values");
}

Result<std::optional<Dims>> IntsOf(const GraphNode& node, std::string_view name, int input) {
  if (node.has_attribute(name)) return std::optional<Dims>(node.Ints(name, {}));
  if (!node.has_input(input)) return std::optional<Dims>();
  const GraphValue value = node.input(input);
  if (!value.is_constant()) {
    return Unsupported("input '", value.name(), "' (", name, ") must be a constant");
  }
  if (value.type() == SL_I32) return std::optional<Dims>(Dims(value.int32s().begin(), value.int32s().end()));
  return std::optional<Dims>(Dims(value.int64s().begin(), value.int64s().end()));
}

Result<int> AxisOf(int64_t axis, int rank) {
  if (axis < -rank || axis >= rank) {
    return InvalidArgument("axis ", axis, " does not exist in a tensor of rank ", rank);
  }
  return static_cast<int>(axis < 0 ? axis + rank : axis);
}

int OpenDimensions(std::span<const int64_t> dims) {
  return static_cast<int>(std::count_if(dims.begin(), dims.end(), [](int64_t dim) { return dim < 0; }));
}

bool IsMatrix(const GraphValue& value) {
  return value.is_constant() && value.type() == SL_F32 && value.rank() == 2;
}

bool IsRowVector(const GraphValue& value, int64_t columns) {
  return value.is_constant() && value.type() == SL_F32 && value.elements() == columns &&
         (value.rank() == 1 || (value.rank() == 2 && value.dims()[0] == 1));
}

const char* NameIn(std::span<const OperatorName> names, std::string_view onnx) {
  return std::find_if(names.begin(), names.end(), [&](const OperatorName& name) { return name.onnx == onnx; })
      ->framework;
}

Status CheckDropout(const GraphNode& node) {
  if (node.has_output(1)) return Unsupported("the mask of what was dropped is not supported");
  if (!node.has_input(2)) return Ok();
  const GraphValue training = node.input(2);
  const bool is_off = training.is_constant() && !*static_cast<const bool*>(training.data());
  return is_off ? Ok() : Unsupported("training mode is not supported");
}

Status CheckGroups(const GraphNode& node) {
  const int64_t group = node.Int("group", 1);
  const int64_t channels = node.input(0).dims()[1];
  const auto weights = node.input(1).dims();
  if (group < 1 || weights[0] % group != 0 || weights[1] * group != channels) {
    return InvalidArgument("weights ", DimsText(weights.data(), node.input(1).rank()), " in ", group,
                           " groups do not fit an input of ", channels, " channels");
  }
  return Ok();
}

Dims Permutation(const GraphNode& node) {
  Dims reversed;
  for (int axis = node.input(0).rank(); axis-- > 0;) reversed.push_back(axis);
  return node.Ints("perm", reversed);
}

Result<Dims> ReducedAxes(const GraphNode& node) {
  const int rank = node.input(0).rank();
  if (rank < 1) return Unsupported("the rank of the input is not known");
  KIT_ASSIGN_OR_RETURN(const std::optional<Dims> given, IntsOf(node, "axes", 1));
  if (!given || given->empty()) {
    return node.Int("noop_with_empty_axes", 0) != 0 ? Dims() : FirstAxes(static_cast<size_t>(rank));
  }
  Dims axes = *given;
  for (int64_t& axis : axes) {
    KIT_ASSIGN_OR_RETURN(axis, AxisOf(axis, rank));
  }
  return axes;
}

Result<Dims> ConstantIndices(const GraphNode& node, int64_t size) {
  KIT_ASSIGN_OR_RETURN(const std::optional<Dims> given, IntsOf(node, "", 1));
  Dims indices = given.value_or(Dims());
  for (int64_t& index : indices) {
    if (index >= 0) continue;
    if (size < 0) return Unsupported("a negative index into an open dimension is not supported");
    index += size;
  }
  return indices;
}

Result<Dims> ReadPads(const GraphNode& node) {
  KIT_ASSIGN_OR_RETURN(const std::optional<Dims> pads, IntsOf(node, "pads", 1));
  if (!pads) return InvalidArgument("it has no pads");
  const int rank = node.input(0).rank();
  if (static_cast<int>(pads->size()) != 2 * rank) {
    return InvalidArgument(pads->size(), " pads do not fit a tensor of rank ", rank);
  }
  return *pads;
}

Result<Dims> PartSizes(const GraphNode& node, int axis) {
  Dims sizes;
  for (int i = 0; i < node.output_count(); ++i) {
    const auto dims = node.output(i).dims();
    if (static_cast<int>(dims.size()) <= axis || dims[static_cast<size_t>(axis)] < 0) {
      return Unsupported("the sizes of the parts are not known");
    }
    sizes.push_back(dims[static_cast<size_t>(axis)]);
  }
  return sizes;
}

Result<std::vector<Cut>> ReadCuts(const GraphNode& node) {
  KIT_ASSIGN_OR_RETURN(const std::optional<Dims> starts, IntsOf(node, "starts", 1));
  KIT_ASSIGN_OR_RETURN(const std::optional<Dims> ends, IntsOf(node, "ends", 2));
  KIT_ASSIGN_OR_RETURN(const std::optional<Dims> axes_given, IntsOf(node, "axes", 3));
  KIT_ASSIGN_OR_RETURN(const std::optional<Dims> steps_given, IntsOf(node, "steps", 4));
  if (!starts || !ends || node.input(0).rank() < 1) {
    return Unsupported("starts, ends and the input's rank must be known");
  }
  const size_t count = starts->size();
  const Dims axes = axes_given.value_or(FirstAxes(count));
  const Dims steps = steps_given.value_or(Dims(count, 1));
  if (ends->size() != count || axes.size() != count || steps.size() != count) {
    return InvalidArgument("starts, ends, axes and steps have different lengths");
  }
  std::vector<Cut> cuts;
  for (size_t i = 0; i < count; ++i) cuts.push_back({axes[i], (*starts)[i], (*ends)[i], steps[i]});
  return cuts;
}

Affine FoldBatchNormalization(const GraphNode& node) {
  const auto scale = node.input(1).floats();
  const auto bias = node.input(2).floats();
  const auto mean = node.input(3).floats();
  const auto variance = node.input(4).floats();
  const double epsilon = node.Float("epsilon", 1e-5f);
  Affine affine;
  for (size_t c = 0; c < scale.size(); ++c) {
    const double factor = scale[c] / std::sqrt(variance[c] + epsilon);
    affine.factor.push_back(factor);
    affine.offset.push_back(bias[c] - mean[c] * factor);
  }
  return affine;
}

}  // namespace sightline::kit
