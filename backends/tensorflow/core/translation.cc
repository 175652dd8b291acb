#include "backends/tensorflow/core/translation.h"

namespace sightline::tensorflow {

kit::Status NeedsPicture(const kit::GraphNode& node, int i) {
  const kit::GraphValue input = node.input(i);
  if (input.rank() == 4 && input.dims()[1] > 0) return kit::Ok();
  return kit::Unsupported(
      "only pictures [N, C, H, W] with a known number of channels are supported, not input '", input.name(),
      "' of rank ", input.rank());
}

kit::Status NeedsConstant(const kit::GraphNode& node, int i) {
  if (!node.has_input(i)) return kit::InvalidArgument("input ", i, " is missing");
  const kit::GraphValue input = node.input(i);
  if (input.is_constant() && input.type() == SL_F32) return kit::Ok();
  return kit::Unsupported("input '", input.name(), "' must be a constant of fp32 values");
}

kit::Result<std::optional<Dims>> IntsOf(const kit::GraphNode& node, std::string_view name, int input) {
  if (node.has_attribute(name)) return std::optional<Dims>(node.Ints(name, {}));
  if (!node.has_input(input)) return std::optional<Dims>();
  const kit::GraphValue value = node.input(input);
  if (!value.is_constant()) {
    return kit::Unsupported("input '", value.name(), "' (", name, ") must be a constant");
  }
  if (value.type() == SL_I32) return std::optional<Dims>(Dims(value.int32s().begin(), value.int32s().end()));
  return std::optional<Dims>(Dims(value.int64s().begin(), value.int64s().end()));
}

kit::Result<int> AxisOf(int64_t axis, int rank) {
  if (axis < -rank || axis >= rank) {
    return kit::InvalidArgument("axis ", axis, " does not exist in a tensor of rank ", rank);
  }
  return static_cast<int>(axis < 0 ? axis + rank : axis);
}

int AxisIn(Order order, int onnx_axis, int rank) {
  return order == Order::kChannelsLast ? ChannelsLastAxis(onnx_axis, rank) : onnx_axis;
}

Order OrderOf(Translation& translation, const kit::GraphNode& node, int i) {
  return translation.values.Has(node.input(i), Order::kChannelsLast) ? Order::kChannelsLast : Order::kOnnx;
}

Order CommonOrder(Translation& translation, const kit::GraphNode& node) {
  for (int i = 0; i < node.input_count(); ++i) {
    if (node.has_input(i) && OrderOf(translation, node, i) == Order::kChannelsLast)
      return Order::kChannelsLast;
  }
  return Order::kOnnx;
}

TF_Output AddChannelBias(Translation& translation, TF_Output input, TF_Output bias, bool grouped) {
  return translation.builder.Binary(grouped ? "AddV2" : "BiasAdd", input, bias);
}

}  // namespace sightline::tensorflow
