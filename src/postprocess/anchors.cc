#include "src/postprocess/anchors.h"

#include <algorithm>

namespace sightline::postprocess {
namespace {

// One axis of an anchor, cut to the input.
void Clip(float& centre, float& size) {
  const float low = std::clamp(centre - size / 2, 0.0F, 1.0F);
  const float high = std::clamp(centre + size / 2, 0.0F, 1.0F);
  centre = (low + high) / 2;
  size = high - low;
}

void AddLayer(const AnchorLayer& layer, bool clip, std::vector<Anchor>& anchors) {
  for (int row = 0; row < layer.rows; ++row) {
    for (int column = 0; column < layer.columns; ++column) {
      for (const AnchorShape& shape : layer.shapes) {
        Anchor anchor{(static_cast<float>(column) + layer.offset) * layer.step_x,
                      (static_cast<float>(row) + layer.offset) * layer.step_y, shape.width, shape.height};
        if (clip) {
          Clip(anchor.x, anchor.width);
          Clip(anchor.y, anchor.height);
        }
        anchors.push_back(anchor);
      }
    }
  }
}

}  // namespace

std::vector<Anchor> ExpandAnchors(const SsdSpec& spec) {
  std::vector<Anchor> anchors;
  anchors.reserve(static_cast<size_t>(AnchorCount(spec)));
  for (const AnchorLayer& layer : spec.layers) AddLayer(layer, spec.clip_anchors, anchors);
  return anchors;
}

int AnchorCount(const SsdSpec& spec) {
  int count = 0;
  for (const AnchorLayer& layer : spec.layers)
    count += layer.rows * layer.columns * static_cast<int>(layer.shapes.size());
  return count;
}

int AnchorCount(const YoloSpec& spec) {
  int count = 0;
  for (const YoloHead& head : spec.heads)
    count += head.rows * head.columns * static_cast<int>(head.anchors.size());
  return count;
}

int AnchorCount(const TwoStageSpec& spec) {
  return AnchorCount(spec.proposals);
}

int AnchorCount(const FinishedBoxesSpec& /*spec*/) {
  return 0;
}

int AnchorCount(const DetectionSpec& spec) {
  return std::visit([](const auto& decoder) { return AnchorCount(decoder); }, spec.decoder);
}

}  // namespace sightline::postprocess
