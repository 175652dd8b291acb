// Sliding windows (convolution, pooling): ONNX's pads against TensorFlow's padding schemes.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "backends/kit/graph.h"
#include "backends/kit/status.h"
#include "backends/tensorflow/core/graph_builder.h"
#include "backends/tensorflow/core/layout.h"

namespace sightline::tensorflow {

// One spatial axis. `pad_end` is what makes `output` windows fit, so with ceil_mode it may be more than was
// written.
struct WindowAxis {
  int64_t size = -1;  // of the input; -1: not known
  int64_t kernel = 1;
  int64_t stride = 1;
  int64_t dilation = 1;
  int64_t pad_begin = 0;
  int64_t pad_end = 0;
  int64_t pad_end_written = 0;
  int64_t output = -1;  // number of windows; -1: not known
};

enum class Padding { kValid, kSame, kExplicit };

struct Window {
  std::array<WindowAxis, 2> axes;  // height, width

  // The scheme of TensorFlow that places the windows as ONNX does. SAME pads half of what is missing before
  // and the rest after (tensorflow/core/framework/common_shape_fns.cc), so it depends on the size.
  Padding padding() const;
};

// Reads strides, pads, dilations and ceil_mode of a node whose input 0 and output 0 are pictures. `kernel` is
// {height, width}.
kit::Result<Window> ReadWindow(const kit::GraphNode& node, const Dims& kernel);

// The attributes `strides` and `padding` (with `explicit_paddings`) of a channels-last operation.
void DescribeWindow(const Window& window, Operation& operation);
// The `paddings` matrix of Pad and PadV2 for a channels-last picture.
TF_Output PaddingMatrix(const Window& window, GraphBuilder& builder);

// As kit::PositionsCounted.
Dims PositionsCounted(const WindowAxis& axis, bool include_pad);

}  // namespace sightline::tensorflow
