// What ONNX's inference functions take on trust and die of when it is not so: a stride of 0 divides, a weight
// of another rank than its input is read past its end, an axis is cut to 32 bits.
#pragma once

#include <string_view>

#include "src/base/result.h"
#include "src/network/shape_inference.h"

namespace sightline::network {

// Of a node whose inputs are inferred: whether its own inference may be run. Fails, naming the node.
Status CheckPreconditions(const onnx::NodeProto& node, const ShapeInference& shapes);

// Operators that slide a window over the last dimensions of their first input.
bool SlidesWindow(std::string_view op_type);

// Sizes beyond these are a fault of the file, and arithmetic on them would leave int64.
inline constexpr int64_t kLargestDim = int64_t{1} << 31;
inline constexpr int64_t kLargestElementCount = int64_t{1} << 48;

}  // namespace sightline::network
