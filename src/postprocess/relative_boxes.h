// Boxes that a network describes relative to others: to anchors, or to proposals.
#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "src/flow/detection.h"
#include "src/postprocess/anchors.h"
#include "src/postprocess/candidates.h"
#include "src/postprocess/kernels.h"

namespace sightline::postprocess {

// Not thread-safe; keeps its memory from picture to picture.
class RelativeBoxes {
 public:
  // `places`: the most boxes there can be in a set.
  RelativeBoxes(BoxOrder order, SsdScales scales, size_t places);

  // Makes room for `count` boxes in `set`. Each of them is then Put once, and Decode ends it.
  void Begin(CandidateSet& set, size_t count);
  // The four numbers of the box at `place`, and what they are relative to.
  void Put(size_t place, const float* box, const Anchor& anchor);
  // The set's boxes become corners, fractions of the network's input.
  void Decode();

 private:
  std::array<size_t, 4> at_;  // where x, y, width and height stand among the four numbers
  SsdScales scales_;
  size_t count_ = 0;
  BoxArrays out_;
  std::vector<float> anchor_x_;
  std::vector<float> anchor_y_;
  std::vector<float> anchor_width_;
  std::vector<float> anchor_height_;
};

}  // namespace sightline::postprocess
