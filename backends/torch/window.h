// Sliding windows (convolution, pooling) over any number of spatial axes.
#pragma once

#include "backends/kit/graph.h"
#include "backends/kit/status.h"
#include "backends/torch/program.h"

namespace sightline::torch_backend {

struct Window {
  Dims kernel;
  Dims strides;
  Dims dilations;
  Dims begin;  // padding before each axis, not negative
  Dims end;

  // LibTorch pads both ends alike.
  bool symmetric() const { return begin == end; }
  bool padded() const;
  // All begins, then all ends.
  Dims pads() const;
  // Positions from the first to the last element under the kernel.
  int64_t reach(size_t axis) const { return (kernel[axis] - 1) * dilations[axis] + 1; }
};

// Strides, dilations and pads of a node whose input 0 has kernel.size() spatial axes.
kit::Result<Window> ReadWindow(const kit::GraphNode& node, const Dims& kernel);

}  // namespace sightline::torch_backend
