// What the SSD detectors share: anchors, further layers behind the backbone, and the heads on every map.
#pragma once

#include <array>
#include <span>
#include <vector>

#include "src/flow/detection.h"
#include "src/zoo/backbones.h"
#include "src/zoo/graph_builder.h"

namespace sightline::zoo {

// How a convolution of a head or of a further layer is made.
enum class HeadKind {
  kOneByOne,
  kThreeByThree,
  kSeparable,  // 3x3 depthwise with batch normalization and activation, then 1x1
};

// TF-OD's ssd_anchor_generator for an input of size x size: six layers of ceil(size / 16), then each half as
// large; scales 0.2 to 0.95; three boxes at a cell of the first layer, six at the others
// (research/object_detection/anchor_generators/multiple_grid_anchor_generator.py).
std::vector<AnchorLayer> TfOdAnchors(int size);

int AnchorCount(std::span<const AnchorLayer> layers);

// TF-OD's six maps: the two taps, then four of 512, 256, 256 and 128 channels, each from the one before by a
// 1x1 convolution to half as many and a 3x3 one of stride 2
// (research/object_detection/models/feature_map_generators.py). kOneByOne makes no sense here.
std::vector<Value> TfOdMaps(GraphBuilder& b, const Taps& taps, HeadKind kind);

// What the heads' channels are to look like.
struct SsdAims {
  std::vector<ChannelAim> classes;  // of an anchor: one per score column
  double box_deviation = 1;         // a tenth of the anchor's size off, a fifth larger or smaller
};

// "box_encodings" and "class_logits".
std::vector<GraphOutput> SsdOutputs(GraphBuilder& b, std::span<const Value> maps,
                                    std::span<const AnchorLayer> layers, HeadKind kind, const SsdAims& aims);

}  // namespace sightline::zoo
