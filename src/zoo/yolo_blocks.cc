#include "src/zoo/yolo_blocks.h"

#include <utility>

#include "src/base/check.h"
#include "src/zoo/detection_task.h"

namespace sightline::zoo {
namespace {

// The part of the foreseen variance that the maps before the heads have on photographs, found by measuring:
// the number of candidates hangs on the tail of the logits.
constexpr double kVarianceShare = 0.65;

}  // namespace

Value DarknetConv(GraphBuilder& b, const std::string& name, const Value& x, int channels, int kernel,
                  int stride) {
  return b.ConvBnAct(name, x, channels, Square(kernel, stride, Padding::kSymmetric));
}

int AnchorCount(const YoloSpec& spec) {
  int count = 0;
  for (const YoloHead& head : spec.heads)
    count += head.rows * head.columns * static_cast<int>(head.anchors.size());
  return count;
}

std::vector<ChannelAim> YoloAims(int anchors, ScoreKind kind) {
  constexpr double kObjectnessDeviation = 2;
  constexpr double kClassDeviation = 2;
  constexpr double kSoftmaxDeviation = 4;  // most of the probability is then one class's
  constexpr ChannelAim kCentre{0, 1};
  constexpr ChannelAim kSize{0, 0.5};
  std::vector<ChannelAim> aims{kCentre, kCentre, kSize, kSize,
                               AimForShareAbove(kCandidates / anchors, 0, kObjectnessDeviation)};
  const ChannelAim of_class = kind == ScoreKind::kSoftmaxLogits
                                  ? ChannelAim{0, kSoftmaxDeviation}
                                  : AimForShareAbove(1.0 / kCocoClasses, 0, kClassDeviation);
  aims.insert(aims.end(), kCocoClasses, of_class);
  return aims;
}

GraphOutput YoloOutput(GraphBuilder& b, const std::string& name, const Value& x, const YoloHead& head,
                       const std::vector<ChannelAim>& aims) {
  SIGHTLINE_CHECK(x.height == head.rows && x.width == head.columns);
  const auto channels = static_cast<int>(head.anchors.size() * aims.size());
  Value seen = x;
  seen.moments.variance *= kVarianceShare;
  const Value map = b.Conv(name, seen, channels, {}, {.aims = aims});
  return {"map_" + std::to_string(head.rows), map, {channels, head.rows, head.columns}};
}

Definition Yolo(const std::string& name, const std::string& family, const std::string& description, int size,
                const YoloSpec& spec, ScoreKind kind, const PublishedFigures& published,
                std::function<std::vector<GraphOutput>(GraphBuilder&, const Value& input)> detector) {
  const DetectionSpec detection{
      .decoder = spec, .score_kind = kind, .nms = DarknetNms(AnchorCount(spec)), .outputs = {}};
  return {.entry = {name, family, description,
                    DetectionTask(DarknetPreprocess(size), kCocoClasses, false, detection, published)},
          .style = {.activation = Activation::kLeakyRelu, .batch_norm_epsilon = 1e-5},
          .detector = std::move(detector)};
}

}  // namespace sightline::zoo
