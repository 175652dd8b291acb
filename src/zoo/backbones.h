// What detectors take from the classification networks: the maps their heads read, named as TF-OD names them.
#pragma once

#include "src/zoo/graph_builder.h"

namespace sightline::zoo {

// The last map of its size that a detector reads: ceil(size / 16) and ceil(size / 32) positions a side.
struct Taps {
  Value stride16;
  Value stride32;
};

// Conv2d_11_pointwise and Conv2d_13_pointwise.
Taps MobileNetV1Taps(GraphBuilder& b, const Value& input, double width);
// layer_15/expansion_output (of the block that goes to stride 32) and layer_19 (the last, 1x1, convolution).
Taps MobileNetV2Taps(GraphBuilder& b, const Value& input, double width);

// layer_14/expansion_output and layer_17 of MobileNetV3-Large for detection, whose last stage has half the
// channels.
Taps MobileNetV3LargeTaps(GraphBuilder& b, const Value& input);
// Mixed_4c and Mixed_5c of TF-slim's Inception v2; every convolution has batch normalization here, that of
// the stem included.
Taps InceptionV2Taps(GraphBuilder& b, const Value& input);

// TF-slim's ResNet-50 or -101 up to block 3, which keeps stride 16 here, and block 4, which keeps its size.
enum class ResNetDepth { k50, k101 };
Value ResNetStride16(GraphBuilder& b, const Value& input, ResNetDepth depth);
Value ResNetBlock4(GraphBuilder& b, const Value& x);

}  // namespace sightline::zoo
