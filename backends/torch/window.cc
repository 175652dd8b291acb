#include "backends/torch/window.h"

#include <algorithm>

namespace sightline::torch_backend {
namespace {

bool AllAtLeast(const Dims& values, int64_t least) {
  return std::all_of(values.begin(), values.end(), [&](int64_t value) { return value >= least; });
}

}  // namespace

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
  Window window{.kernel = kernel,
                .strides = node.Ints("strides", Dims(axes, 1)),
                .dilations = node.Ints("dilations", Dims(axes, 1)),
                .begin = {},
                .end = {}};
  const Dims pads = node.Ints("pads", Dims(2 * axes, 0));
  if (axes == 0 || node.input(0).rank() != static_cast<int>(axes) + 2 || window.strides.size() != axes ||
      window.dilations.size() != axes || pads.size() != 2 * axes) {
    return kit::InvalidArgument("kernel, strides, dilations and pads do not fit an input of rank ",
                                node.input(0).rank());
  }
  if (!AllAtLeast(kernel, 1) || !AllAtLeast(window.strides, 1) || !AllAtLeast(window.dilations, 1)) {
    return kit::InvalidArgument("kernel, strides and dilations must be at least 1");
  }
  if (!AllAtLeast(pads, 0)) return kit::Unsupported("negative pads are not supported");
  const auto middle = pads.begin() + static_cast<Dims::difference_type>(axes);
  window.begin.assign(pads.begin(), middle);
  window.end.assign(middle, pads.end());
  return window;
}

}  // namespace sightline::torch_backend
