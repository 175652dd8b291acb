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

constexpr size_t kNone = std::numeric_limits<size_t>::max();

// For each of the reference's detections which of the other's it is, or kNone.
std::vector<size_t> FindSame(std::span<const Detection> reference, std::span<const Detection> other,
                             double least_iou) {
  std::vector<bool> taken(other.size());
  std::vector<size_t> same(reference.size(), kNone);
  for (size_t r = 0; r < reference.size(); ++r) {
    double best_iou = least_iou;
    for (size_t i = 0; i < other.size(); ++i) {
      if (taken[i] || other[i].class_index != reference[r].class_index) continue;
      const double iou = Iou(reference[r].box, other[i].box);
      if (iou < best_iou) continue;
      same[r] = i;
      best_iou = iou;
    }
    if (same[r] != kNone) taken[same[r]] = true;
  }
  return same;
}

// How far the numbers of detections that both sides have lie apart.
struct Deviations {
  double score = 0;
  double iou = 0;
};

Deviations DeviationsOf(std::span<const Detection> reference, std::span<const Detection> other,
                        std::span<const size_t> same) {
  Deviations deviations;
  for (size_t r = 0; r < reference.size(); ++r) {
    if (same[r] == kNone) continue;
    const Detection& one = reference[r];
    const Detection& its = other[same[r]];
    deviations.score =
        std::max(deviations.score, std::abs(static_cast<double>(one.score) - static_cast<double>(its.score)));
    // Each of the two boxes of an overlap may be off by as much.
    deviations.iou = std::max(deviations.iou, 2 * (1 - Iou(one.box, its.box)));
  }
  deviations.score = std::min(deviations.score, kOutputTolerance);
  return deviations;
}

// The other side of a comparison, as a detection that it lacks sees it.
class OtherSide {
 public:
  OtherSide(std::span<const Detection> detections, const NmsSpec& nms, const Deviations& deviations)
      : detections_(detections), nms_(nms), deviations_(deviations) {}

  bool CutBy(const Detection& lacked) const {
    const double score = lacked.score;
    if (score <= static_cast<double>(nms_.score_threshold) + deviations_.score) return true;
    const bool full = nms_.max_total > 0 && detections_.size() >= static_cast<size_t>(nms_.max_total);
    return full && score <= static_cast<double>(detections_.back().score) + deviations_.score;
  }
  bool Suppresses(const Detection& lacked) const {
    return std::any_of(detections_.begin(), detections_.end(), [&](const Detection& own) {
      return own.class_index == lacked.class_index &&
             static_cast<double>(own.score) >= static_cast<double>(lacked.score) - deviations_.score &&
             Iou(own.box, lacked.box) > static_cast<double>(nms_.iou_threshold) - deviations_.iou;
    });
  }
  bool Ties(const Detection& lacked) const { return CutBy(lacked) || Suppresses(lacked); }

 private:
  std::span<const Detection> detections_;  // best first
  const NmsSpec& nms_;
  const Deviations& deviations_;
};

}  // namespace

int64_t CountSame(std::span<const Detection> reference, std::span<const Detection> other, double least_iou) {
  const std::vector<size_t> same = FindSame(reference, other, least_iou);
  return std::count_if(same.begin(), same.end(), [](size_t which) { return which != kNone; });
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
  ties += other.ties;
}

DetectionAgreement CompareDetections(const PictureOutputs& reference, const PictureOutputs& other,
                                     const NmsSpec& nms) {
  SIGHTLINE_CHECK(reference.values.size() == other.values.size());
  DetectionAgreement agreement;
  for (size_t i = 0; i < reference.values.size(); ++i) {
    agreement.output_difference_max = std::max(
        agreement.output_difference_max, Difference(reference.values[i], other.values[i], agreement.finite));
  }
  const std::vector<size_t> same = FindSame(reference.detections, other.detections, kSameBoxIou);
  const Deviations deviations = DeviationsOf(reference.detections, other.detections, same);
  const OtherSide reference_side(reference.detections, nms, deviations);
  const OtherSide other_side(other.detections, nms, deviations);
  std::vector<bool> found(other.detections.size());
  int64_t reference_ties = 0;
  int64_t other_ties = 0;
  for (size_t r = 0; r < same.size(); ++r) {
    if (same[r] == kNone) {
      reference_ties += other_side.Ties(reference.detections[r]) ? 1 : 0;
    } else {
      found[same[r]] = true;
      ++agreement.same;
    }
  }
  for (size_t i = 0; i < found.size(); ++i)
    other_ties += !found[i] && reference_side.Ties(other.detections[i]) ? 1 : 0;
  agreement.ties = std::max(reference_ties, other_ties);
  agreement.detections = std::max(static_cast<int64_t>(reference.detections.size()) - reference_ties,
                                  static_cast<int64_t>(other.detections.size()) - other_ties);
  return agreement;
}

}  // namespace sightline::analyze
