// Sliding windows (convolution, pooling) as ONNX says them.
#pragma once

#include <cstdint>

#include "backends/kit/graph.h"
#include "backends/kit/onnx_nodes.h"
#include "backends/kit/status.h"

namespace sightline::kit {

// One number per spatial axis.
struct WindowAttributes {
  Dims kernel;
  Dims strides;
  Dims dilations;
  Dims pads;  // all begins, then all ends

  // Whether each of them is for so many axes.
  bool Fit(size_t axes) const;
  // An error unless kernel, strides and dilations are at least 1 and no pad is negative.
  Status Check() const;
};

// As written in attributes, where they are.
WindowAttributes ReadWindowAttributes(const GraphNode& node, const Dims& kernel);

// One spatial axis of a pooling.
struct PooledAxis {
  int64_t size;  // of the input
  int64_t kernel;
  int64_t stride;
  int64_t pad_begin;
  int64_t pad_end;  // as written
  int64_t output;   // number of windows
};

// For average pooling: how many positions each window of an axis counts. With `include_pad` those of the
// written pads count too; positions that only ceil_mode added never do.
Dims PositionsCounted(const PooledAxis& axis, bool include_pad);

}  // namespace sightline::kit
