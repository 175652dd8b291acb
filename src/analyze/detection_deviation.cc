#include "src/analyze/detection_deviation.h"

#include <algorithm>

#include "src/base/check.h"

namespace sightline::analyze {

void DetectionDeviation::Add(const PictureOutputs& reference, const PictureOutputs& other) {
  SIGHTLINE_CHECK(reference.values.size() == other.values.size());
  outputs_.resize(std::max(outputs_.size(), reference.values.size()));
  for (size_t i = 0; i < reference.values.size(); ++i)
    outputs_[i].AddValues(reference.values[i], other.values[i]);
  detections_ += static_cast<int64_t>(std::max(reference.detections.size(), other.detections.size()));
  same_ += CountSame(reference.detections, other.detections, kSameBoxIou);
  overlapping_ += CountSame(reference.detections, other.detections, kSameObjectIou);
}

bool DetectionDeviation::finite() const {
  return std::all_of(outputs_.begin(), outputs_.end(), [](const Deviation& one) { return one.finite(); });
}

std::optional<double> DetectionDeviation::sqnr_db() const {
  std::optional<double> lowest;
  if (!finite()) return lowest;
  for (const Deviation& output : outputs_) {
    const std::optional<double> sqnr = output.sqnr_db();
    if (sqnr && (!lowest || *sqnr < *lowest)) lowest = sqnr;
  }
  return lowest;
}

}  // namespace sightline::analyze
