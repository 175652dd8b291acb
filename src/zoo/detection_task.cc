#include "src/zoo/detection_task.h"

#include <cmath>

#include "src/flow/class_names.h"

namespace sightline::zoo {

double DeviationsAbove(double share) {
  const double t = std::sqrt(-2 * std::log(share));
  const double numerator = 2.515517 + t * (0.802853 + t * 0.010328);
  const double denominator = 1 + t * (1.432788 + t * (0.189269 + t * 0.001308));
  return std::round((t - numerator / denominator) * 1000) / 1000;
}

ChannelAim AimForShareAbove(double share, double threshold, double deviation) {
  return {threshold - DeviationsAbove(share) * deviation, deviation};
}

NmsSpec TfOdNms() {
  return {.score_threshold = 0.3F, .iou_threshold = 0.6F, .max_per_class = 100, .max_total = 100};
}

NmsSpec DarknetNms(int anchors) {
  return {.score_threshold = 0.25F,
          .iou_threshold = 0.45F,
          .max_per_class = anchors,
          .max_total = anchors * kCocoClasses};
}

PreprocessSpec TfOdSsdPreprocess(int size) {
  PreprocessSpec spec;
  spec.width = size;
  spec.height = size;
  spec.resize = ResizeMode::kStretch;
  spec.kernel = ResizeKernel::kBilinearTf1;
  spec.mean = {127.5F, 127.5F, 127.5F};
  spec.scale = {1 / 127.5F, 1 / 127.5F, 1 / 127.5F};
  return spec;
}

PreprocessSpec DarknetPreprocess(int size) {
  PreprocessSpec spec;
  spec.width = size;
  spec.height = size;
  spec.resize = ResizeMode::kLetterbox;
  spec.pad_value = 127.5F;
  spec.scale = {1 / 255.0F, 1 / 255.0F, 1 / 255.0F};
  return spec;
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
