// How far a detector in a lower precision is from the same detector in fp32, over several pictures.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "src/analyze/detection_agreement.h"
#include "src/analyze/deviation.h"

namespace sightline::analyze {

// An object is there for both where their boxes overlap by so much: the loosest of COCO's thresholds.
constexpr double kSameObjectIou = 0.5;

class DetectionDeviation {
 public:
  // Both of one picture: outputs hold as many values on both sides.
  void Add(const PictureOutputs& reference, const PictureOutputs& other);

  bool finite() const;  // false: some value of an output was NaN or infinite
  // As Deviation has it, of the raw values of the output where it is lowest: boxes and scores have scales of
  // their own. Absent where no output has one.
  std::optional<double> sqnr_db() const;
  // Above the threshold: the reference's or the other's of each picture, whichever are more.
  int64_t detections() const { return detections_; }
  int64_t same() const { return same_; }                // of them: same class, and IoU from kSameBoxIou on
  int64_t overlapping() const { return overlapping_; }  // of them: same class, and from kSameObjectIou on

 private:
  std::vector<Deviation> outputs_;
  int64_t detections_ = 0;
  int64_t same_ = 0;
  int64_t overlapping_ = 0;
};

}  // namespace sightline::analyze
