#include "backends/openvino/precision.h"

#include <algorithm>
#include <array>
#include <map>
#include <openvino/core/node.hpp>

#include "backends/kit/info.h"
#include "backends/kit/status.h"

namespace sightline::openvino_backend {
namespace {

constexpr std::array<std::string_view, 6> kHeavy = {"Convolution", "Deconvolution",  "GroupConvolution",
                                                    "MatMul",      "FullyConnected", "BinaryConvolution"};

struct Known {
  std::string_view theirs;
  SlDataType ours;
};
// From the lowest up. An integer convolution's precision is that of its input, signed or not.
constexpr std::array<Known, 5> kPrecisions = {
    {{"u8", SL_I8}, {"i8", SL_I8}, {"bf16", SL_BF16}, {"f16", SL_F16}, {"f32", SL_F32}}};

std::string TextOf(const ov::Node& node, const std::string& key) {
  const auto& info = node.get_rt_info();
  const auto found = info.find(key);
  return found == info.end() ? "" : found->second.as<std::string>();
}

}  // namespace

std::vector<LayerPrecision> LayersOf(const ov::Model& runtime_model) {
  std::vector<LayerPrecision> layers;
  for (const auto& node : runtime_model.get_ops()) {
    layers.push_back({TextOf(*node, "layerType"), TextOf(*node, "runtimePrecision")});
  }
  return layers;
}

Precision PrecisionOf(const std::vector<LayerPrecision>& layers, SlDataType asked) {
  std::map<SlDataType, int> counts;
  int heavy = 0;
  for (const LayerPrecision& layer : layers) {
    if (std::find(kHeavy.begin(), kHeavy.end(), layer.type) == kHeavy.end()) continue;
    const auto* const known = std::find_if(kPrecisions.begin(), kPrecisions.end(),
                                           [&](const Known& one) { return one.theirs == layer.precision; });
    ++heavy;
    if (known != kPrecisions.end()) ++counts[known->ours];
  }
  if (counts.empty()) {
    const SlDataType otherwise = asked == SL_I8 ? SL_F32 : asked;
    if (heavy == 0) return {otherwise, "no convolution or matrix product is left in the compiled model"};
    return {otherwise, kit::Text("as asked for: the compiled model does not say what its ", heavy,
                                 " convolutions and matrix products compute in")};
  }
  const auto* const lowest = std::find_if(kPrecisions.begin(), kPrecisions.end(),
                                          [&](const Known& one) { return counts.contains(one.ours); });
  return {lowest->ours, kit::Text("the compiled model says so: ", counts[lowest->ours], " of ", heavy,
                                  " convolutions and matrix products in ", kit::DataTypeName(lowest->ours))};
}

}  // namespace sightline::openvino_backend
