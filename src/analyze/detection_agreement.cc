#include "src/analyze/detection_agreement.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "src/analyze/box_overlap.h"
#include "src/base/check.h"

namespace sightline::analyze {
namespace {

constexpr double kInfinite = std::numeric_limits<double>::infinity();

// As a share of the reference's range; infinite where that is none, or a value not finite.
double Difference(std::span<const float> reference, std::span<const float> other, bool& finite) {
  SIGHTLINE_CHECK(reference.size() == other.size());
  float smallest = std::numeric_limits<float>::max();
  float largest = std::numeric_limits<float>::lowest();
  double difference = 0;
  for (size_t i = 0; i < reference.size(); ++i) {
    finite = finite && std::isfinite(reference[i]) && std::isfinite(other[i]);
    smallest = std::min(smallest, reference[i]);
    largest = std::max(largest, reference[i]);
    difference =
        std::max(difference, std::abs(static_cast<double>(reference[i]) - static_cast<double>(other[i])));
  }
  if (!finite) return kInfinite;
  if (difference <= 0) return 0;
  const double range = static_cast<double>(largest) - static_cast<double>(smallest);
  return range > 0 ? difference / range : kInfinite;
}

}  // namespace

int64_t CountSame(std::span<const Detection> reference, std::span<const Detection> other, double least_iou) {
  std::vector<bool> taken(other.size());
  int64_t same = 0;
  for (const Detection& one : reference) {
    size_t best = other.size();
    double best_iou = least_iou;
    for (size_t i = 0; i < other.size(); ++i) {
      if (taken[i] || other[i].class_index != one.class_index) continue;
      const double iou = Iou(one.box, other[i].box);
      if (iou < best_iou) continue;
      best = i;
      best_iou = iou;
    }
    if (best == other.size()) continue;
    taken[best] = true;
    ++same;
  }
  return same;
}

double DetectionAgreement::same_share() const {
  return detections == 0 ? 1 : static_cast<double>(same) / static_cast<double>(detections);
}

bool DetectionAgreement::agrees() const {
  return finite && output_difference_max < kOutputTolerance && same_share() >= kSameShare;
}

void DetectionAgreement::Add(const DetectionAgreement& other) {
  finite = finite && other.finite;
  output_difference_max = std::max(output_difference_max, other.output_difference_max);
  detections += other.detections;
  same += other.same;
}

DetectionAgreement CompareDetections(const PictureOutputs& reference, const PictureOutputs& other) {
  SIGHTLINE_CHECK(reference.values.size() == other.values.size());
  DetectionAgreement agreement;
  for (size_t i = 0; i < reference.values.size(); ++i) {
    agreement.output_difference_max = std::max(
        agreement.output_difference_max, Difference(reference.values[i], other.values[i], agreement.finite));
  }
  agreement.detections = static_cast<int64_t>(std::max(reference.detections.size(), other.detections.size()));
  agreement.same = CountSame(reference.detections, other.detections, kSameBoxIou);
  return agreement;
}

}  // namespace sightline::analyze
