// Operands that broadcast against each other, in one memory order.
//
// ONNX aligns shapes from the right, so [C, 1, 1] means channels beside a picture [N, C, H, W]; channels-last
// that is [C], and [H, W] becomes [H, W, 1].
#pragma once

#include <vector>

#include "backends/tensorflow/core/translation.h"

namespace sightline::tensorflow {

struct Operands {
  Order order = Order::kOnnx;
  std::vector<TF_Output> outputs;
};

// All inputs of `node`. Channels-last where one of them is there so and the result is a picture.
kit::Result<Operands> AlignOperands(Translation& translation, const kit::GraphNode& node);

}  // namespace sightline::tensorflow
