#include "src/analyze/average_precision.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>

#include "src/analyze/box_overlap.h"

namespace sightline::analyze {
namespace {

constexpr size_t kMostDetections = 100;
constexpr int kRecalls = 101;
constexpr std::array<double, 10> kThresholds = {0.50, 0.55, 0.60, 0.65, 0.70, 0.75, 0.80, 0.85, 0.90, 0.95};
constexpr size_t kAt50 = 0;
constexpr size_t kAt75 = 5;

// What is in one picture of one class.
struct Part {
  std::vector<const TrueBox*> truth;  // crowds last
  std::vector<const Detection*> found;
};

enum class Verdict : uint8_t { kRight, kWrong, kIgnored };

struct Judged {
  float score = 0;
  size_t order = 0;  // of the picture and the detection in it
  std::array<Verdict, kThresholds.size()> at{};
};

// Of a crowd only the detection's own area counts, since it covers a part of it at best.
double Overlap(const Box& found, const TrueBox& truth) {
  const double both = CommonArea(found, truth.box);
  const double all = truth.crowd ? Area(found) : Area(found) + Area(truth.box) - both;
  return all > 0 ? both / all : 0;
}

// The object a detection finds: the free one it overlaps most by at least `threshold`; a crowd only when
// there is none, and then it stays free.
std::optional<size_t> Match(const std::vector<double>& overlaps, const Part& part,
                            const std::vector<bool>& taken, double threshold) {
  std::optional<size_t> best;
  double needed = std::min(threshold, 1 - 1e-10);
  for (size_t i = 0; i < part.truth.size(); ++i) {
    const bool crowd = part.truth[i]->crowd;
    if (taken[i] && !crowd) continue;
    if (best && !part.truth[*best]->crowd && crowd) break;
    if (overlaps[i] < needed) continue;
    needed = overlaps[i];
    best = i;
  }
  return best;
}

void JudgePart(Part& part, std::vector<Judged>& judged) {
  // Equal scores stay in order: all point into one array.
  std::sort(part.found.begin(), part.found.end(), [](const Detection* a, const Detection* b) {
    return std::pair(-a->score, a) < std::pair(-b->score, b);
  });
  if (part.found.size() > kMostDetections) part.found.resize(kMostDetections);
  std::sort(part.truth.begin(), part.truth.end(), [](const TrueBox* a, const TrueBox* b) {
    return std::pair(a->crowd, a) < std::pair(b->crowd, b);
  });
  std::array<std::vector<bool>, kThresholds.size()> taken;
  taken.fill(std::vector<bool>(part.truth.size(), false));
  std::vector<double> overlaps(part.truth.size());
  for (const Detection* found : part.found) {
    for (size_t i = 0; i < overlaps.size(); ++i) overlaps[i] = Overlap(found->box, *part.truth[i]);
    Judged& verdicts = judged.emplace_back();
    verdicts.score = found->score;
    verdicts.order = judged.size();
    for (size_t t = 0; t < kThresholds.size(); ++t) {
      const auto match = Match(overlaps, part, taken[t], kThresholds[t]);
      verdicts.at[t] = Verdict::kWrong;
      if (!match) continue;
      taken[t][*match] = true;
      verdicts.at[t] = part.truth[*match]->crowd ? Verdict::kIgnored : Verdict::kRight;
    }
  }
}

// Of detections sorted by score, best first.
double PrecisionAt(const std::vector<Judged>& judged, size_t threshold, int64_t objects) {
  std::vector<double> recall;
  std::vector<double> precision;
  int64_t right = 0;
  int64_t wrong = 0;
  for (const Judged& one : judged) {
    if (one.at[threshold] == Verdict::kIgnored) continue;
    ++(one.at[threshold] == Verdict::kRight ? right : wrong);
    recall.push_back(static_cast<double>(right) / static_cast<double>(objects));
    precision.push_back(static_cast<double>(right) / static_cast<double>(right + wrong));
  }
  for (size_t i = precision.size(); i-- > 1;) precision[i - 1] = std::max(precision[i - 1], precision[i]);
  double sum = 0;
  for (int i = 0; i < kRecalls; ++i) {
    const auto reached = std::lower_bound(recall.begin(), recall.end(), i / (kRecalls - 1.0));
    if (reached != recall.end()) sum += precision[static_cast<size_t>(reached - recall.begin())];
  }
  return sum / kRecalls;
}

// By class, then by picture; classes that have no object but crowds are left out.
std::map<int, std::vector<Part>> Parts(std::span<const LabelledPicture> pictures) {
  std::map<int, std::vector<Part>> parts;
  for (const LabelledPicture& picture : pictures) {
    for (const TrueBox& box : picture.truth) {
      if (!box.crowd) parts.try_emplace(box.class_index, pictures.size());
    }
  }
  for (size_t i = 0; i < pictures.size(); ++i) {
    for (const TrueBox& box : pictures[i].truth) {
      if (const auto of_class = parts.find(box.class_index); of_class != parts.end()) {
        of_class->second[i].truth.push_back(&box);
      }
    }
    for (const Detection& found : pictures[i].found) {
      if (const auto of_class = parts.find(found.class_index); of_class != parts.end()) {
        of_class->second[i].found.push_back(&found);
      }
    }
  }
  return parts;
}

}  // namespace

AveragePrecision CocoAveragePrecision(std::span<const LabelledPicture> pictures) {
  AveragePrecision result;
  for (auto& [class_index, parts] : Parts(pictures)) {
    int64_t objects = 0;
    std::vector<Judged> judged;
    for (Part& part : parts) {
      JudgePart(part, judged);
      objects +=
          std::count_if(part.truth.begin(), part.truth.end(), [](const TrueBox* b) { return !b->crowd; });
    }
    std::sort(judged.begin(), judged.end(), [](const Judged& a, const Judged& b) {
      return std::pair(-a.score, a.order) < std::pair(-b.score, b.order);
    });
    for (size_t t = 0; t < kThresholds.size(); ++t) {
      const double precision = PrecisionAt(judged, t, objects);
      result.mean += precision;
      if (t == kAt50) result.at_50 += precision;
      if (t == kAt75) result.at_75 += precision;
    }
    result.objects += objects;
    ++result.classes;
  }
  if (result.classes == 0) return result;
  result.mean /= static_cast<double>(kThresholds.size());
  for (double* sum : {&result.mean, &result.at_50, &result.at_75}) *sum /= result.classes;
  return result;
}

}  // namespace sightline::analyze
