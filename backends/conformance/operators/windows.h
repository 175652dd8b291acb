// Sliding windows for tests: how a convolution or a pooling is padded, and a network around it.
#pragma once

#include <onnx/onnx_pb.h>

#include <cstdint>
#include <vector>

#include "backends/conformance/operators/model_maker.h"

namespace sightline::conformance {

// Over pictures of size x (size + 1), the same in both directions.
struct WindowCase {
  int64_t size;
  int64_t kernel;
  int64_t stride;
  int64_t dilation;
  Dims pads;
};

// kernel_shape, strides and pads.
std::vector<onnx::AttributeProto> WindowAttributes(const WindowCase& window);
// Two convolutions of `x`: with a bias and Relu, "rectified"; and with a batch normalization and a Clip to 0
// and 6, "clipped", so that fused kernels are the ones tested.
onnx::ModelProto ConvModel(const WindowCase& window, int64_t channels, int64_t filters, int64_t group);

}  // namespace sightline::conformance
