// BatchNormalization, InstanceNormalization, LRN.
#include "backends/torch/translation.h"

namespace sightline::torch_backend {
namespace {

constexpr float kEpsilonDefault = 1e-5f;

kit::Status BatchNormalization(Translation& t, const kit::GraphNode& node) {
  if (node.Int("training_mode", 0) != 0) return kit::Unsupported("training mode is not supported");
  KIT_RETURN_IF_ERROR(NeedsImage(node, 2, SL_MAX_RANK));
  const double epsilon = node.Float("epsilon", kEpsilonDefault);
  t.builder.Set(node.output(), Torch("batch_norm", In(t, node), In(t, node, 1), In(t, node, 2),
                                     In(t, node, 3), In(t, node, 4), false, 0.0, epsilon, false));
  return kit::Ok();
}

// Statistics over each picture's own pixels.
kit::Status InstanceNormalization(Translation& t, const kit::GraphNode& node) {
  KIT_RETURN_IF_ERROR(NeedsImage(node));
  const double epsilon = node.Float("epsilon", kEpsilonDefault);
  t.builder.Set(node.output(), Torch("instance_norm", In(t, node), In(t, node, 1), In(t, node, 2), "None",
                                     "None", true, 0.0, epsilon, false));
  return kit::Ok();
}

// y = x / (bias + alpha / size * sum of squares over the window of channels)^beta; channels outside are zero.
kit::Status Lrn(Translation& t, const kit::GraphNode& node) {
  KIT_RETURN_IF_ERROR(NeedsImage(node, 3, SL_MAX_RANK));
  const int64_t size = node.Int("size", 1);
  const int64_t channels = node.input(0).dims()[1];
  if (size < 1) return kit::InvalidArgument("a window of ", size, " channels does not exist");
  const auto spatial = static_cast<size_t>(node.input(0).rank() - 2);
  Dims pads(2 * spatial, 0);
  pads.push_back((size - 1) / 2);
  pads.push_back(size / 2);
  const std::string squares = t.builder.Let(Torch("mul", In(t, node), In(t, node)));
  const std::string padded = t.builder.Let(Torch("constant_pad_nd", squares, pads, 0.0));
  std::string sum = Torch("narrow", padded, 1, 0, channels);
  for (int64_t offset = 1; offset < size; ++offset) {
    sum = t.builder.Let(Torch("add", sum, Torch("narrow", padded, 1, offset, channels)));
  }
  const double alpha = node.Float("alpha", 1e-4f) / static_cast<double>(size);
  const std::string base =
      t.builder.Let(Torch("add", Torch("mul", sum, alpha), static_cast<double>(node.Float("bias", 1.0f))));
  const std::string divisor =
      t.builder.Let(Torch("pow", base, static_cast<double>(node.Float("beta", 0.75f))));
  t.builder.Set(node.output(), Torch("div", In(t, node), divisor));
  return kit::Ok();
}

constexpr HandlerEntry kHandlers[] = {{"BatchNormalization", BatchNormalization},
                                      {"InstanceNormalization", InstanceNormalization},
                                      {"LRN", Lrn}};

}  // namespace

std::span<const HandlerEntry> NormalizationHandlers() {
  return kHandlers;
}

}  // namespace sightline::torch_backend
