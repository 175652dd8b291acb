// The boxes that detection networks describe their results relative to.
#pragma once

#include <vector>

#include "src/flow/detection.h"

namespace sightline::postprocess {

// Centre and size, fractions of the network's input. Only clipped anchors lie wholly within it.
struct Anchor {
  float x = 0;
  float y = 0;
  float width = 0;
  float height = 0;
  friend bool operator==(const Anchor&, const Anchor&) = default;
};

// In the order of the network's outputs: layer, row, column, shape (fastest).
std::vector<Anchor> ExpandAnchors(const SsdSpec& spec);

// How many anchors (SSD: default boxes, priors) there are, of all layers or heads together.
int AnchorCount(const SsdSpec& spec);
int AnchorCount(const YoloSpec& spec);
int AnchorCount(const TwoStageSpec& spec);
int AnchorCount(const FinishedBoxesSpec& spec);  // 0: whatever there are, the model keeps them to itself
int AnchorCount(const DetectionSpec& spec);

}  // namespace sightline::postprocess
