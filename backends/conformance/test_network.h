// The networks the suite runs: small, but with the odd sizes, one-sided pads and joins at which importers go
// wrong.
#pragma once

#include <onnx/onnx_pb.h>

#include <memory>
#include <string>
#include <vector>

namespace sightline::conformance {

// "image" [N,3,11,9] -> "features" [N,12,6,5] and "probabilities" [N,7]. Convolutions (strided, one-sided
// pads, depthwise, 1x1), batch norm, clip to 0..6, max and average pooling with pads, concat, add, gemm,
// softmax.
std::unique_ptr<onnx::ModelProto> MixedModel();

// "left" and "right" [N,4,3,5] -> "sum" [N,4,3,5], where sum = relu(left + right) + left: tells inputs apart.
std::unique_ptr<onnx::ModelProto> TwoInputModel();

// As MixedModel with an operator no framework has: "Frobnicate" in layer "odd_layer".
std::unique_ptr<onnx::ModelProto> UnknownOperatorModel();

// "bytes" uint8 [N,6] -> "values" fp32 [N,6].
std::unique_ptr<onnx::ModelProto> BytesModel();

// A TensorFlow GraphDef (tensorflow/core/framework/graph.proto): a Placeholder "in" without a shape, then
// Relu "out".
std::string FrozenRelu();

}  // namespace sightline::conformance
