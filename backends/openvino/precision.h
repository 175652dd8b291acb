// What a compiled model really computes in.
#pragma once

#include <openvino/core/model.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "include/sightline/backend_abi.h"

namespace sightline::openvino_backend {

struct Precision {
  SlDataType run = SL_F32;
  std::string note;
};

// One layer of a compiled model.
struct LayerPrecision {
  std::string type;       // OpenVINO's: "Convolution", "FullyConnected", ...
  std::string precision;  // OpenVINO's: "f32", "bf16", "u8", ...
};

// Of a model as CompiledModel::get_runtime_model gives it.
std::vector<LayerPrecision> LayersOf(const ov::Model& runtime_model);

// The lowest precision among the convolutions and matrix products, and how many there are of which; `asked`
// where there are none.
Precision PrecisionOf(const std::vector<LayerPrecision>& layers, SlDataType asked);

}  // namespace sightline::openvino_backend
