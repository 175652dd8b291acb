#include "src/zoo/detection_task.h"

#include <cmath>
#include <numbers>
#include <vector>

#include "src/flow/class_names.h"
#include "src/flow/preprocess_styles.h"
#include "src/zoo/dealt_biases.h"
#include "src/zoo/families.h"

namespace sightline::zoo {
namespace {

// Of the logits' standard deviation, what the picture decides; the rest is the biases'.
constexpr double kSeen = 0.3;

double ShareAbove(double threshold, double mean, const ChannelAim& aim, const std::vector<double>& strata) {
  double sum = 0;
  for (const double stratum : strata) {
    const double distance = threshold - mean - aim.bias_deviation * stratum;
    sum += std::erfc(distance / aim.deviation / std::numbers::sqrt2) / 2;
  }
  return sum / static_cast<double>(strata.size());
}

}  // namespace

ChannelAim ClassAim(double share, double threshold, double deviation, int classes) {
  ChannelAim aim{.deviation = kSeen * deviation, .bias_deviation = std::sqrt(1 - kSeen * kSeen) * deviation};
  const std::vector<double> strata = NormalStrata(static_cast<size_t>(classes));
  double low = threshold - 10 * deviation;
  double high = threshold + 10 * deviation;
  for (int step = 0; step < 40; ++step) {
    const double middle = (low + high) / 2;
    (ShareAbove(threshold, middle, aim, strata) > share ? high : low) = middle;
  }
  aim.mean = std::round(low * 1000) / 1000;  // no machine's erfc shows in the weights
  return aim;
}

NmsSpec TfOdNms() {
  return {.score_threshold = 0.3F, .iou_threshold = 0.6F, .max_per_class = 100, .max_total = 100};
}

NmsSpec CaffeNms() {
  return {.score_threshold = 0.01F,
          .iou_threshold = 0.45F,
          .max_candidates_per_class = 400,
          .max_per_class = 400,
          .max_total = 200};
}

NmsSpec DarknetNms(int anchors) {
  return {.score_threshold = 0.25F,
          .iou_threshold = 0.45F,
          .max_per_class = anchors,
          .max_total = anchors * kCocoClasses};
}

PreprocessSpec TfOdSsdPreprocess(int size) {
  return SquareInput(TfDetectionStyle(), size);
}

PreprocessSpec CaffeSsdPreprocess(int size) {
  PreprocessSpec spec = CaffePreprocess(size);
  spec.resize = ResizeMode::kStretch;
  return spec;
}

PreprocessSpec DarknetPreprocess(int size) {
  return SquareInput(DarknetStyle(), size);
}

TaskSpec DetectionTask(const PreprocessSpec& preprocess, int classes, bool has_background_class,
                       const DetectionSpec& detection, const PublishedFigures& published) {
  TaskSpec task;
  task.task = Task::kDetection;
  task.preprocess = preprocess;
  task.output_kind = OutputKind::kLogits;
  task.classes = classes;
  task.has_background_class = has_background_class;
  task.labels = CocoNames(classes);
  task.detection = detection;
  task.published = published;
  return task;
}

}  // namespace sightline::zoo
