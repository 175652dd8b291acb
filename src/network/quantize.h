// Post-training quantization to 8 bits as a QDQ graph: the network stays one of fp32 operators, and pairs of
// QuantizeLinear and DequantizeLinear say where a framework that can may compute in integers. ONNX Runtime,
// OpenVINO and TensorRT take this form.
//
//   weights      int8, symmetric, one scale for each output channel: largest magnitude / 127 (Krishnamoorthi,
//                "Quantizing deep convolutional networks for efficient inference", arXiv 1806.08342, section
//                3)
//   activations  one scale for each tensor, from the ranges seen while calibrating; at the inputs of
//                convolutions, matrix products with weights, additions, concatenations and poolings
//   biases       int32, with the scale of the product: what integer convolutions add up in
//
// What only picks or joins values (MaxPool, Concat) gets the same scale on all its sides, so that it can stay
// in integers. Values half way between two steps go to the even one, as QuantizeLinear does.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "src/base/result.h"
#include "src/network/network.h"

namespace sightline::network {

// What a tensor's values lay between.
struct ValueRange {
  float low = 0;
  float high = 0;
};
using ValueRanges = std::map<std::string, ValueRange>;  // by name of the tensor

struct QuantizeOptions {
  // false: uint8 with a zero point. What a ReLU gives has a zero point of 0, which lets a framework leave the
  // ReLU out of an integer convolution: ONNX Runtime fuses Conv and Relu only so.
  // true: int8 whose zero point is 0, the only form TensorRT takes.
  bool symmetric_activations = false;
  // TensorRT takes biases as fp32 only, ONNX Runtime computes in integers only with all inputs quantized.
  bool quantize_biases = true;
  // Weights are -limit to limit. With 127, x86 processors without VNNI lose sums: their instruction for
  // uint8 * int8 adds two products into 16 bits and stops at their end; 2 * 255 * 64 is the most that always
  // fits.
  int weight_limit = 127;
};

// The network in the form quantization starts from: opset 13 at least, the first with a scale per channel,
// and batch normalizations folded into the convolutions before them. Computes the same, to rounding.
Result<Network> ReadyToQuantize(const Network& network);

// The tensors of a network that is ready whose ranges Quantize needs, in the order in which they are made.
std::vector<std::string> TensorsToCalibrate(const Network& network);

// A network that gives these tensors, besides what it gave before; its own inputs, which whoever feeds them
// has, are left out. Fails on a name it doesn't have.
Result<Network> WithOutputs(const Network& network, const std::vector<std::string>& tensors);

// `network` is ready. Fails where a range is missing or not finite, naming the tensor.
Result<Network> Quantize(const Network& network, const ValueRanges& ranges,
                         const QuantizeOptions& options = {});

// How a range is mapped to integers: real = scale * (stored - zero_point).
struct QuantizedRange {
  float scale = 1;
  int zero_point = 0;
};
QuantizedRange MapRange(const ValueRange& range, bool symmetric);

}  // namespace sightline::network
