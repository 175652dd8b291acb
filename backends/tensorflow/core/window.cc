#include "backends/tensorflow/core/window.h"

#include <algorithm>

#include "backends/kit/onnx_window.h"

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
  const kit::WindowAttributes written = kit::ReadWindowAttributes(node, kernel);
  if (!written.Fit(2)) return kit::Unsupported("only windows over height and width are supported");
  KIT_RETURN_IF_ERROR(written.Check());
  const bool ceil_mode = node.Int("ceil_mode", 0) != 0;
  const bool sizes_known = node.input(0).rank() == 4 && node.output().rank() == 4;
  Window window;
  for (size_t i = 0; i < 2; ++i) {
    WindowAxis& axis = window.axes[i];
    axis = {.size = sizes_known ? node.input(0).dims()[i + 2] : -1,
            .kernel = written.kernel[i],
            .stride = written.strides[i],
            .dilation = written.dilations[i],
            .pad_begin = written.pads[i],
            .pad_end = written.pads[i + 2],
            .pad_end_written = written.pads[i + 2],
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
  return kit::PositionsCounted({.size = axis.size,
                                .kernel = axis.kernel,
                                .stride = axis.stride,
                                .pad_begin = axis.pad_begin,
                                .pad_end = axis.pad_end_written,
                                .output = axis.output},
                               include_pad);
}

}  // namespace sightline::tensorflow
