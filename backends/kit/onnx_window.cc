#include "backends/kit/onnx_window.h"

#include <algorithm>

namespace sightline::kit {
namespace {

bool AllAtLeast(const Dims& values, int64_t least) {
  return std::all_of(values.begin(), values.end(), [&](int64_t value) { return value >= least; });
}

}  // namespace

bool WindowAttributes::Fit(size_t axes) const {
  return kernel.size() == axes && strides.size() == axes && dilations.size() == axes &&
         pads.size() == 2 * axes;
}

Status WindowAttributes::Check() const {
  if (!AllAtLeast(kernel, 1) || !AllAtLeast(strides, 1) || !AllAtLeast(dilations, 1)) {
    return InvalidArgument("kernel, strides and dilations must be at least 1");
  }
  return AllAtLeast(pads, 0) ? Ok() : Unsupported("negative pads are not supported");
}

WindowAttributes ReadWindowAttributes(const GraphNode& node, const Dims& kernel) {
  const size_t axes = kernel.size();
  return {.kernel = kernel,
          .strides = node.Ints("strides", Dims(axes, 1)),
          .dilations = node.Ints("dilations", Dims(axes, 1)),
          .pads = node.Ints("pads", Dims(2 * axes, 0))};
}

Dims PositionsCounted(const PooledAxis& axis, bool include_pad) {
  const int64_t first = include_pad ? -axis.pad_begin : 0;
  const int64_t last = axis.size + (include_pad ? axis.pad_end : 0);
  Dims counts;
  for (int64_t window = 0; window < axis.output; ++window) {
    const int64_t begin = window * axis.stride - axis.pad_begin;
    const int64_t end = begin + axis.kernel;
    counts.push_back(std::max<int64_t>(std::min(end, last) - std::max(begin, first), 1));
  }
  return counts;
}

}  // namespace sightline::kit
