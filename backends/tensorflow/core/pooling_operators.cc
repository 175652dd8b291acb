// MaxPool and AveragePool; the global ones are reductions.
#include <algorithm>
#include <string_view>
#include <vector>

#include "backends/tensorflow/core/translation.h"
#include "backends/tensorflow/core/window.h"

namespace sightline::tensorflow {
namespace {

kit::Result<Window> ReadPoolingWindow(const kit::GraphNode& node) {
  KIT_RETURN_IF_ERROR(NeedsPicture(node));
  KIT_ASSIGN_OR_RETURN(const Window window, ReadWindow(node, node.Ints("kernel_shape", {})));
  for (const WindowAxis& axis : window.axes) {
    if (axis.dilation != 1) return kit::Unsupported("pooling with dilations is not supported");
  }
  return window;
}

TF_Output Pool(Translation& t, const char* type, std::string_view name, TF_Output input,
               const Window& window) {
  Operation pool = t.builder.New(type, name);
  pool.In(input).Ints("ksize", Dims{1, window.axes[0].kernel, window.axes[1].kernel, 1});
  DescribeWindow(window, pool);
  return pool.Done();
}

// Padded positions never win in either world.
kit::Status MaxPool(Translation& t, const kit::GraphNode& node) {
  if (node.output_count() > 1) return kit::Unsupported("the positions of the maxima are not supported");
  KIT_ASSIGN_OR_RETURN(const Window window, ReadPoolingWindow(node));
  const TF_Output input = t.values.Get(node.input(0), Order::kChannelsLast);
  t.values.Set(node.output(), Order::kChannelsLast, Pool(t, "MaxPool", "", input, window));
  return kit::Ok();
}

// Kernel area divided by the positions each window counts, [1, H, W, 1]; empty where it is 1 everywhere.
std::vector<float> CountCorrection(const Window& window, bool include_pad) {
  const auto& [height, width] = window.axes;
  const auto area = static_cast<float>(height.kernel * width.kernel);
  std::vector<float> correction;
  for (const int64_t rows : PositionsCounted(height, include_pad)) {
    for (const int64_t columns : PositionsCounted(width, include_pad)) {
      correction.push_back(area / static_cast<float>(rows * columns));
    }
  }
  if (std::all_of(correction.begin(), correction.end(), [](float c) { return c == 1.0f; }))
    correction.clear();
  return correction;
}

// AvgPool's SAME leaves padding out of the average, as ONNX does by default. What it has no scheme for is
// pooled over zeros padded explicitly, and the average over the whole kernel then corrected to the positions
// that count.
kit::Status AveragePool(Translation& t, const kit::GraphNode& node) {
  KIT_ASSIGN_OR_RETURN(Window window, ReadPoolingWindow(node));
  const bool include_pad = node.Int("count_include_pad", 0) != 0;
  const TF_Output input = t.values.Get(node.input(0), Order::kChannelsLast);
  const Padding padding = window.padding();
  if (padding == Padding::kValid || (padding == Padding::kSame && !include_pad)) {
    t.values.Set(node.output(), Order::kChannelsLast, Pool(t, "AvgPool", "", input, window));
    return kit::Ok();
  }
  for (const WindowAxis& axis : window.axes) {
    if (axis.size < 0 || axis.output < 0) return kit::Unsupported("padding needs a known height and width");
  }
  const std::vector<float> correction = CountCorrection(window, include_pad);
  const TF_Output padded = t.builder.Binary("Pad", input, PaddingMatrix(window, t.builder), "pad");
  const Dims map = {1, window.axes[0].output, window.axes[1].output, 1};
  for (WindowAxis& axis : window.axes) axis.pad_begin = axis.pad_end = 0;
  TF_Output pooled = Pool(t, "AvgPool", correction.empty() ? "" : "pool", padded, window);
  if (!correction.empty())
    pooled = t.builder.Binary("Mul", pooled, t.builder.Floats("count", map, correction));
  t.values.Set(node.output(), Order::kChannelsLast, pooled);
  return kit::Ok();
}

constexpr HandlerEntry kHandlers[] = {{"AveragePool", AveragePool}, {"MaxPool", MaxPool}};

}  // namespace

std::span<const HandlerEntry> PoolingHandlers() {
  return kHandlers;
}

}  // namespace sightline::tensorflow
