#include "backends/torch/window.h"

#include <algorithm>

#include "backends/kit/onnx_window.h"

namespace sightline::torch_backend {
bool Window::padded() const {
  return std::any_of(begin.begin(), begin.end(), [](int64_t pad) { return pad != 0; }) ||
         std::any_of(end.begin(), end.end(), [](int64_t pad) { return pad != 0; });
}

Dims Window::pads() const {
  Dims all = begin;
  all.insert(all.end(), end.begin(), end.end());
  return all;
}

kit::Result<Window> ReadWindow(const kit::GraphNode& node, const Dims& kernel) {
  const size_t axes = kernel.size();
  const kit::WindowAttributes written = kit::ReadWindowAttributes(node, kernel);
  if (axes == 0 || node.input(0).rank() != static_cast<int>(axes) + 2 || !written.Fit(axes)) {
    return kit::InvalidArgument("kernel, strides, dilations and pads do not fit an input of rank ",
                                node.input(0).rank());
  }
  KIT_RETURN_IF_ERROR(written.Check());
  const auto middle = written.pads.begin() + static_cast<Dims::difference_type>(axes);
  return Window{.kernel = kernel,
                .strides = written.strides,
                .dilations = written.dilations,
                .begin = Dims(written.pads.begin(), middle),
                .end = Dims(middle, written.pads.end())};
}

}  // namespace sightline::torch_backend
