// Whether two backends found the same in a picture.
//
// Suppression and its limits cut: a score or an overlap that lies as near to a cut as the two backends'
// numbers lie to each other comes down on either side of it by chance, and takes others with it. A detection
// that one side alone has is a *tie* where the other side shows that it is such a case:
//   - its score is within the scores' deviation of what the other side had to pass: the score threshold or,
//   where the
//     other side is full (max_total), its last score; below the last score nothing could be kept at all;
//   - the other side has one of its class, at least as good but for the scores' deviation, that overlaps it
//   by more
//     than the IoU threshold less the boxes' deviation, and so suppressed it. That one is judged for itself.
// Deviations are those of the detections that both sides have in this picture, at most kOutputTolerance of a
// score and twice what kSameBoxIou allows of an IoU, so that a backend that computes wrongly can't excuse
// itself. Ties neither agree nor disagree; how many they are is told.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "src/flow/detection.h"

namespace sightline::analyze {

// Limits for float32.
constexpr double kOutputTolerance = 1e-3;  // of an output's range
constexpr double kSameBoxIou = 0.99;
constexpr double kSameShare = 0.99;  // of the detections above the threshold

struct DetectionAgreement {
  bool finite = true;  // no value of an output is NaN or infinite
  // Largest difference of the raw outputs, as a share of the range (largest less smallest value) that the
  // output has in the reference's; infinite where it has none and they differ.
  double output_difference_max = 0;
  int64_t detections = 0;  // that are no ties: the reference's or the other's, whichever are more
  int64_t same = 0;        // of them, those that both found: the same class, and boxes that are one
  int64_t ties = 0;        // of the reference's or the other's, whichever are more

  // Nothing found on either side is the same too.
  double same_share() const;
  bool agrees() const;
  // For summing up several pictures: the worse difference, and detections together.
  void Add(const DetectionAgreement& other);
};

// What the network said of one picture: all its outputs' values, and what came of them, best first.
struct PictureOutputs {
  std::vector<std::vector<float>> values;
  std::vector<Detection> detections;
};

// How many of the reference's detections the other has too: of the same class, and overlapping by
// `least_iou`. Each detection is one of at most one of the other side.
int64_t CountSame(std::span<const Detection> reference, std::span<const Detection> other, double least_iou);

// Outputs hold as many values on both sides. Detections are matched as CountSame does. `nms`: the cuts that
// both sides' detections went through.
DetectionAgreement CompareDetections(const PictureOutputs& reference, const PictureOutputs& other,
                                     const NmsSpec& nms);

}  // namespace sightline::analyze
