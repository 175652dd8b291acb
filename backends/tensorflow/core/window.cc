#include "backends/tensorflow/core/window.h"

#include <algorithm>

namespace sightline::tensorflow {
namespace {

// Positions from the first to the last element under a kernel.
int64_t Reach(const WindowAxis& axis) {
  return (axis.kernel - 1) * axis.dilation + 1;
}

bool MatchesValid(const WindowAxis& axis) {
  return axis.pad_begin == 0 && axis.pad_end == 0;
}

bool MatchesSame(const WindowAxis& axis) {
  if (axis.size < 0) return false;
  const int64_t output = (axis.size + axis.stride - 1) / axis.stride;
  const int64_t missing = std::max<int64_t>((output - 1) * axis.stride + Reach(axis) - axis.size, 0);
  return axis.pad_begin == missing / 2 && axis.pad_end == missing - missing / 2;
}

}  // namespace

Padding Window::padding() const {
  if (MatchesValid(axes[0]) && MatchesValid(axes[1])) return Padding::kValid;
  return MatchesSame(axes[0]) && MatchesSame(axes[1]) ? Padding::kSame : Padding::kExplicit;
}

kit::Result<Window> ReadWindow(const kit::GraphNode& node, const Dims& kernel) {
  const Dims strides = node.Ints("strides", {1, 1});
  const Dims dilations = node.Ints("dilations", {1, 1});
  const Dims pads = node.Ints("pads", {0, 0, 0, 0});
  if (kernel.size() != 2 || strides.size() != 2 || dilations.size() != 2 || pads.size() != 4) {
    return kit::Unsupported("only windows over height and width are supported");
  }
  for (const Dims* positive : {&kernel, &strides, &dilations}) {
    if (*std::min_element(positive->begin(), positive->end()) < 1) {
      return kit::InvalidArgument("kernel, strides and dilations must be at least 1");
    }
  }
  if (std::any_of(pads.begin(), pads.end(), [](int64_t pad) { return pad < 0; })) {
    return kit::Unsupported("negative pads are not supported");
  }
  const bool ceil_mode = node.Int("ceil_mode", 0) != 0;
  const bool sizes_known = node.input(0).rank() == 4 && node.output().rank() == 4;
  Window window;
  for (size_t i = 0; i < 2; ++i) {
    WindowAxis& axis = window.axes[i];
    axis = {.size = sizes_known ? node.input(0).dims()[i + 2] : -1,
            .kernel = kernel[i],
            .stride = strides[i],
            .dilation = dilations[i],
            .pad_begin = pads[i],
            .pad_end = pads[i + 2],
            .pad_end_written = pads[i + 2],
            .output = sizes_known ? node.output().dims()[i + 2] : -1};
    if (!ceil_mode) continue;
    if (axis.size < 0 || axis.output < 0) return kit::Unsupported("ceil_mode needs a known height and width");
    const int64_t needed = (axis.output - 1) * axis.stride + Reach(axis) - axis.size - axis.pad_begin;
    axis.pad_end = std::max(axis.pad_end, needed);
  }
  return window;
}

void DescribeWindow(const Window& window, Operation& operation) {
  const auto& [height, width] = window.axes;
  operation.Ints("strides", Dims{1, height.stride, width.stride, 1});
  switch (window.padding()) {
    case Padding::kValid:
      operation.String("padding", "VALID");
      return;
    case Padding::kSame:
      operation.String("padding", "SAME");
      return;
    case Padding::kExplicit:
      operation.String("padding", "EXPLICIT");
      operation.Ints("explicit_paddings",
                     Dims{0, 0, height.pad_begin, height.pad_end, width.pad_begin, width.pad_end, 0, 0});
      return;
  }
}

TF_Output PaddingMatrix(const Window& window, GraphBuilder& builder) {
  const auto& [height, width] = window.axes;
  const int32_t pads[] = {0,
                          0,
                          static_cast<int32_t>(height.pad_begin),
                          static_cast<int32_t>(height.pad_end),
                          static_cast<int32_t>(width.pad_begin),
                          static_cast<int32_t>(width.pad_end),
                          0,
                          0};
  return builder.Constant("paddings", TF_INT32, Dims{4, 2}, pads, sizeof pads);
}

Dims PositionsCounted(const WindowAxis& axis, bool include_pad) {
  const int64_t first = include_pad ? -axis.pad_begin : 0;
  const int64_t last = axis.size + (include_pad ? axis.pad_end_written : 0);
  Dims counts;
  for (int64_t window = 0; window < axis.output; ++window) {
    const int64_t begin = window * axis.stride - axis.pad_begin;
    const int64_t end = begin + axis.kernel;
    counts.push_back(std::max<int64_t>(std::min(end, last) - std::max(begin, first), 1));
  }
  return counts;
}

}  // namespace sightline::tensorflow
