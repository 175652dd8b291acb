// What ONNX's shape inference takes on trust: that weights have the size the layer's input and groups ask
// for. A framework that meets such a node fails without a word about which, or reads beyond an array.
#pragma once

#include "src/base/result.h"
#include "src/network/shape_inference.h"

namespace sightline::network {

// Of a node whose inputs and outputs are inferred. Dimensions that are not known are not compared.
Status CheckConsistency(const onnx::NodeProto& node, const ShapeInference& shapes);

}  // namespace sightline::network
