#include "src/postprocess/describe.h"

#include <fmt/format.h>

#include <string_view>

#include "src/base/check.h"
#include "src/postprocess/anchors.h"

namespace sightline::postprocess {
namespace {

std::string_view KindText(ScoreKind kind) {
  constexpr std::string_view kNames[] = {"probabilities", "sigmoid", "softmax"};
  return kNames[static_cast<size_t>(kind)];
}

// "400 candidates a class, 100 boxes a class, 200 in all"; what is not limited is left out.
std::string LimitsText(const NmsSpec& nms) {
  std::string text;
  if (nms.max_candidates_per_class > 0)
    text += fmt::format("the best {} candidates a class, ", nms.max_candidates_per_class);
  if (nms.max_per_class > 0) text += fmt::format("{} boxes a class, ", nms.max_per_class);
  return text + fmt::format("{} in all", nms.max_total);
}

}  // namespace

const char* DecoderName(const DetectionSpec& spec) {
  constexpr const char* kNames[] = {"SSD", "YOLO", "two stages",
                                    "finished boxes"};  // in the order of the variant
  return kNames[spec.decoder.index()];
}

std::string DescribeDetector(const TaskSpec& task) {
  SIGHTLINE_CHECK(task.detection.has_value());
  const DetectionSpec& spec = *task.detection;
  const std::string classes =
      fmt::format("{} classes{}", task.classes, task.has_background_class ? " (0 is background)" : "");
  if (std::holds_alternative<FinishedBoxesSpec>(spec.decoder)) {
    return fmt::format("{}, {}; score above {}, NMS in the model, {}", DecoderName(spec), classes,
                       spec.nms.score_threshold, LimitsText(spec.nms));
  }
  std::string anchors = fmt::format("{} anchors", AnchorCount(spec));
  if (const auto* stages = std::get_if<TwoStageSpec>(&spec.decoder)) {
    anchors += fmt::format(", {} proposals", stages->proposal_nms.max_total);
    anchors += stages->crop == RoiCrop::kBilinear ? fmt::format(" cropped to {0}x{0}", stages->crop_size)
                                                  : fmt::format(" pooled in {0}x{0} bins at {1}x{1} points",
                                                                stages->bins, stages->crop_size);
  }
  return fmt::format("{}, {}, {}, {}; score above {}, NMS for each class at IoU {}, {}", DecoderName(spec),
                     anchors, classes, KindText(spec.score_kind), spec.nms.score_threshold,
                     spec.nms.iou_threshold, LimitsText(spec.nms));
}

}  // namespace sightline::postprocess
