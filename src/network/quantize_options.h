// How a network is quantized for a backend on a machine.
#pragma once

#include <string_view>

#include "src/flow/machine.h"
#include "src/network/quantize.h"

namespace sightline::network {

// TensorRT takes zero points of 0 and biases of fp32 only. On the CPU of an x86 machine without VNNI
// (AVX512_VNNI or AVX_VNNI) weights get 7 bits, as ONNX Runtime ("reduce_range") and OpenVINO ("saturation
// issue") advise in their documentation.
QuantizeOptions QuantizeOptionsFor(std::string_view backend, std::string_view device,
                                   const MachineFacts& machine);

// In words, for a manifest: "quantized by Sightline: ...".
std::string_view WordsFor(const QuantizeOptions& options);

}  // namespace sightline::network
