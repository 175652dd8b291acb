#include "src/zoo/yolo_blocks.h"

#include <utility>

#include "src/base/check.h"
#include "src/zoo/detection_task.h"

namespace sightline::zoo {
namespace {

constexpr ChannelAim kCentre{.mean = 0, .deviation = 1};
constexpr ChannelAim kSize{.mean = 0, .deviation = 0.5};
constexpr ChannelAim kObject{.mean = 0, .deviation = 2};
constexpr ChannelAim kNoObject{.mean = -6, .deviation = 1};

// Of classes that compete, one has most of the probability nearly everywhere.
constexpr ChannelAim kCompeting{.mean = 0, .deviation = 1, .bias_deviation = 3};

ChannelAim ClassAimOf(const YoloSpec& spec, ScoreKind kind) {
  if (kind == ScoreKind::kSoftmaxLogits) return kCompeting;
  constexpr double kDeviation = 2;
  constexpr double kEvenOdds = 0;  // objectness and class a half each: the score is 0.25, the threshold
  const double objects = spec.heads[0].rows * spec.heads[0].columns / 2.0;
  return ClassAim(kCandidates / (objects * kCocoClasses), kEvenOdds, kDeviation, kCocoClasses);
}

// Of one anchor: tx, ty, tw, th, objectness, classes.
std::vector<ChannelAim> AimsOfAnchor(const ChannelAim& objectness, const ChannelAim& of_class) {
  std::vector<ChannelAim> aims{kCentre, kCentre, kSize, kSize, objectness};
  aims.insert(aims.end(), kCocoClasses, of_class);
  return aims;
}

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

std::vector<GraphOutput> YoloOutputs(GraphBuilder& b, std::span<const Value> maps, const YoloSpec& spec,
                                     ScoreKind kind) {
  const ChannelAim of_class = ClassAimOf(spec, kind);
  std::vector<GraphOutput> outputs;
  for (size_t i = 0; i < maps.size(); ++i) {
    const YoloHead& head = spec.heads[i];
    SIGHTLINE_CHECK(maps[i].height == head.rows && maps[i].width == head.columns);
    ConvOptions options{.aims_block = 5 + kCocoClasses};
    for (size_t anchor = 0; anchor < head.anchors.size(); ++anchor) {
      const bool sees = i == 0 && anchor == head.anchors.size() / 2;
      const std::vector<ChannelAim> aims = AimsOfAnchor(sees ? kObject : kNoObject, of_class);
      options.aims.insert(options.aims.end(), aims.begin(), aims.end());
    }
    const auto channels = static_cast<int>(options.aims.size());
    const Value map = b.Conv("head" + std::to_string(i), maps[i], channels, {}, options);
    outputs.push_back({"map_" + std::to_string(head.rows), map, {channels, head.rows, head.columns}});
  }
  return outputs;
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
