// BatchNormalization, InstanceNormalization, LRN.
#include <vector>

#include "backends/tensorflow/core/translation.h"

namespace sightline::tensorflow {
namespace {

constexpr float kEpsilonDefault = 1e-5f;

// What FusedBatchNormV3 has no form for: other ranks, and grouped convolutions (see AddChannelBias).
kit::Status AffineBatchNormalization(Translation& t, const kit::GraphNode& node) {
  const kit::Affine affine = kit::FoldBatchNormalization(node);
  const std::vector<float> factor(affine.factor.begin(), affine.factor.end());
  const std::vector<float> offset(affine.offset.begin(), affine.offset.end());
  const kit::GraphValue input = node.input(0);
  const Order order = input.rank() >= 4 ? Order::kChannelsLast : Order::kOnnx;
  const auto channels = static_cast<int64_t>(factor.size());
  const Dims shape = input.rank() == 3 ? Dims{channels, 1} : Dims{channels};
  const TF_Output scaled =
      t.builder.Binary("Mul", t.values.Get(input, order), t.builder.Floats("factor", shape, factor), "scale");
  t.values.Set(node.output(), order,
               t.builder.Binary("AddV2", scaled, t.builder.Floats("offset", shape, offset)));
  return kit::Ok();
}

kit::Status BatchNormalization(Translation& t, const kit::GraphNode& node) {
  if (node.Int("training_mode", 0) != 0) return kit::Unsupported("training mode is not supported");
  for (int i = 1; i <= 4; ++i) {
    KIT_RETURN_IF_ERROR(kit::NeedsConstant(node, i));
    if (node.input(i).elements() != node.input(1).elements()) {
      return kit::InvalidArgument("scale, bias, mean and variance have different sizes");
    }
  }
  const kit::GraphValue input = node.input(0);
  if (input.rank() < 2 || input.rank() > 4) {
    return kit::Unsupported("only inputs of rank 2, 3 and 4 are supported, not rank ", input.rank());
  }
  if (input.rank() != 4 || t.grouped.contains(input.index())) return AffineBatchNormalization(t, node);
  std::vector<TF_Output> inputs = {t.values.Get(input, Order::kChannelsLast)};
  for (int i = 1; i <= 4; ++i) inputs.push_back(t.values.Get(node.input(i), Order::kOnnx));
  Operation norm = t.builder.New("FusedBatchNormV3");
  for (const TF_Output in : inputs) norm.In(in);
  norm.Float("epsilon", node.Float("epsilon", kEpsilonDefault)).Bool("is_training", false);
  t.values.Set(node.output(), Order::kChannelsLast, norm.Done());
  return kit::Ok();
}

TF_Output MeanOverPixels(Translation& t, TF_Output input, std::string_view name) {
  return t.builder.New("Mean", name)
      .In(input)
      .In(t.builder.Ints("axes", Dims{1, 2}))
      .Bool("keep_dims", true)
      .Done();
}

// (x - mean) * rsqrt(variance + epsilon) * scale + bias, statistics over each picture's own pixels.
kit::Status InstanceNormalization(Translation& t, const kit::GraphNode& node) {
  KIT_RETURN_IF_ERROR(NeedsPicture(node));
  KIT_RETURN_IF_ERROR(kit::NeedsConstant(node, 1));
  KIT_RETURN_IF_ERROR(kit::NeedsConstant(node, 2));
  GraphBuilder& builder = t.builder;
  const TF_Output input = t.values.Get(node.input(0), Order::kChannelsLast);
  const TF_Output centered = builder.Binary("Sub", input, MeanOverPixels(t, input, "mean"), "center");
  const TF_Output variance = MeanOverPixels(t, builder.Unary("Square", centered, "square"), "variance");
  const TF_Output epsilon = builder.Scalar("epsilon", node.Float("epsilon", kEpsilonDefault));
  const TF_Output factor =
      builder.Unary("Rsqrt", builder.Binary("AddV2", variance, epsilon, "stabilize"), "rsqrt");
  const TF_Output scale = builder.Binary("Mul", factor, t.values.Get(node.input(1), Order::kOnnx), "factor");
  const TF_Output scaled = builder.Binary("Mul", centered, scale, "scale");
  t.values.Set(node.output(), Order::kChannelsLast,
               builder.Binary("AddV2", scaled, t.values.Get(node.input(2), Order::kOnnx)));
  return kit::Ok();
}

// ONNX divides alpha by the number of channels under the window, TensorFlow doesn't.
kit::Status Lrn(Translation& t, const kit::GraphNode& node) {
  KIT_RETURN_IF_ERROR(NeedsPicture(node));
  const int64_t size = node.Int("size", 1);
  if (size % 2 == 0) return kit::Unsupported("an even window of ", size, " channels is not supported");
  const TF_Output output = t.builder.New("LRN")
                               .In(t.values.Get(node.input(0), Order::kChannelsLast))
                               .Int("depth_radius", (size - 1) / 2)
                               .Float("bias", node.Float("bias", 1.0f))
                               .Float("alpha", node.Float("alpha", 1e-4f) / static_cast<float>(size))
                               .Float("beta", node.Float("beta", 0.75f))
                               .Done();
  t.values.Set(node.output(), Order::kChannelsLast, output);
  return kit::Ok();
}

constexpr HandlerEntry kHandlers[] = {{"BatchNormalization", BatchNormalization},
                                      {"InstanceNormalization", InstanceNormalization},
                                      {"LRN", Lrn}};

}  // namespace

std::span<const HandlerEntry> NormalizationHandlers() {
  return kHandlers;
}

}  // namespace sightline::tensorflow
