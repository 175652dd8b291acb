#include "backends/tensorflow/core/translation.h"

namespace sightline::tensorflow {

kit::Status NeedsPicture(const kit::GraphNode& node, int i) {
  const kit::GraphValue input = node.input(i);
  if (input.rank() == 4 && input.dims()[1] > 0) return kit::Ok();
  return kit::Unsupported(
      "only pictures [N, C, H, W] with a known number of channels are supported, not input '", input.name(),
      "' of rank ", input.rank());
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
