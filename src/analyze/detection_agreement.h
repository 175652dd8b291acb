// Whether two backends found the same in a picture.
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
  int64_t detections = 0;  // above the threshold: the reference's or the other's, whichever are more
  int64_t same = 0;        // of them, those that both found: the same class, and boxes that are one

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

// How many of the reference's detections the other has too: of the same class, and overlapping by `least_iou`.
// Each detection is one of at most one of the other side.
int64_t CountSame(std::span<const Detection> reference, std::span<const Detection> other, double least_iou);

// Outputs hold as many values on both sides.
DetectionAgreement CompareDetections(const PictureOutputs& reference, const PictureOutputs& other);

}  // namespace sightline::analyze
