#include "src/zoo/ssd_blocks.h"

#include <cmath>
#include <cstddef>
#include <string>

#include "src/base/check.h"

namespace sightline::zoo {
namespace {

// The part of the foreseen variance that separable heads' maps have on photographs, found by measuring.
constexpr double kVarianceShare = 0.65;

AnchorShape Shape(double scale, double aspect_ratio) {
  const double root = std::sqrt(aspect_ratio);
  return {static_cast<float>(scale * root), static_cast<float>(scale / root)};
}

std::vector<AnchorShape> TfOdShapes(int layer) {
  constexpr int kLayers = 6;
  const auto scale_of = [](int i) { return i == kLayers ? 1.0 : 0.2 + (0.95 - 0.2) * i / (kLayers - 1); };
  if (layer == 0) return {Shape(0.1, 1), Shape(0.2, 2), Shape(0.2, 0.5)};
  const double scale = scale_of(layer);
  std::vector<AnchorShape> shapes;
  for (const double aspect_ratio : {1.0, 2.0, 0.5, 3.0, 0.3333}) shapes.push_back(Shape(scale, aspect_ratio));
  shapes.push_back(Shape(std::sqrt(scale * scale_of(layer + 1)), 1));
  return shapes;
}

// A convolution of a head that says `aims.size()` numbers about each of `shapes` anchors at a position.
Value Predict(GraphBuilder& b, const std::string& name, const Value& map, int shapes, HeadKind kind,
              const std::vector<ChannelAim>& aims) {
  ConvOptions options{.aims_block = static_cast<int>(aims.size())};
  for (int shape = 0; shape < shapes; ++shape)
    options.aims.insert(options.aims.end(), aims.begin(), aims.end());
  const auto channels = static_cast<int>(options.aims.size());
  if (kind == HeadKind::kThreeByThree)
    return b.Conv(name, map, channels, Square(3, 1, Padding::kSame), options);
  Value x = map;
  if (kind == HeadKind::kSeparable) {
    x = b.DepthwiseBnAct(name + "/depthwise", map, Square(3, 1, Padding::kSame));
    x.moments.variance *= kVarianceShare;
  }
  return b.Conv(name, x, channels, {}, options);
}

}  // namespace

std::vector<AnchorLayer> TfOdAnchors(int size) {
  std::vector<AnchorLayer> layers;
  int cells = (size + 15) / 16;
  for (int layer = 0; layer < 6; ++layer) {
    const float step = 1.0F / static_cast<float>(cells);
    layers.push_back({cells, cells, step, step, TfOdShapes(layer)});
    cells = (cells + 1) / 2;
  }
  return layers;
}

int AnchorCount(std::span<const AnchorLayer> layers) {
  int count = 0;
  for (const AnchorLayer& layer : layers)
    count += layer.rows * layer.columns * static_cast<int>(layer.shapes.size());
  return count;
}

std::vector<Value> TfOdMaps(GraphBuilder& b, const Taps& taps, HeadKind kind) {
  constexpr std::array<int, 4> kChannels{512, 256, 256, 128};
  std::vector<Value> maps{taps.stride16, taps.stride32};
  for (const int channels : kChannels) {
    const std::string name = "extra" + std::to_string(maps.size());
    Value x = b.ConvBnAct(name + "/reduce", maps.back(), channels / 2, {});
    const Window window = Square(3, 2, Padding::kSame);
    if (kind == HeadKind::kSeparable) {
      x = b.DepthwiseBnAct(name + "/depthwise", x, window);
      x = b.ConvBnAct(name, x, channels, {});
    } else {
      x = b.ConvBnAct(name, x, channels, window);
    }
    maps.push_back(x);
  }
  return maps;
}

std::vector<GraphOutput> SsdOutputs(GraphBuilder& b, std::span<const Value> maps,
                                    std::span<const AnchorLayer> layers, HeadKind kind, const SsdAims& aims) {
  SIGHTLINE_CHECK(maps.size() == layers.size());
  const auto classes = static_cast<int>(aims.classes.size());
  const std::vector<ChannelAim> box_aims(4, {.mean = 0, .deviation = aims.box_deviation});
  std::vector<Value> boxes;
  std::vector<Value> scores;
  for (size_t i = 0; i < maps.size(); ++i) {
    SIGHTLINE_CHECK(maps[i].height == layers[i].rows && maps[i].width == layers[i].columns);
    const auto shapes = static_cast<int>(layers[i].shapes.size());
    const std::string name = "head" + std::to_string(i);
    const Value box = Predict(b, name + "/box", maps[i], shapes, kind, box_aims);
    const Value score = Predict(b, name + "/class", maps[i], shapes, kind, aims.classes);
    boxes.push_back(b.RowPerAnchor(name + "/boxes", box, 4));
    scores.push_back(b.RowPerAnchor(name + "/classes", score, classes));
  }
  const Value all_boxes = b.ConcatAnchors("boxes", boxes);
  const Value all_scores = b.ConcatAnchors("classes", scores);
  return {{"box_encodings", all_boxes, {all_boxes.height, 4}},
          {"class_logits", all_scores, {all_scores.height, classes}}};
}

}  // namespace sightline::zoo
