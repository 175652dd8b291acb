// YOLOv2 (Redmon, Farhadi, "YOLO9000: Better, Faster, Stronger", 2017), as darknet's cfg/yolov2.cfg and
// cfg/yolov2-tiny.cfg describe it.
#include <array>
#include <string>
#include <vector>

#include "src/zoo/families.h"
#include "src/zoo/yolo_blocks.h"

namespace sightline::zoo {
namespace {

constexpr char kFamily[] = "YOLO";

// The files give the anchors in cells of 32 pixels.
YoloSpec Spec(int size) {
  constexpr float kCell = 32;
  const int cells = size / 32;
  std::vector<AnchorShape> anchors{{0.57273F, 0.677385F},
                                   {1.87446F, 2.06253F},
                                   {3.33843F, 5.47434F},
                                   {7.88282F, 3.52778F},
                                   {9.77052F, 9.16828F}};
  for (AnchorShape& anchor : anchors) {
    anchor.width *= kCell;
    anchor.height *= kCell;
  }
  return {{{cells, cells, anchors}}};
}

// 3x3 and 1x1 convolutions in turn, the 1x1 ones with half as many channels.
Value Group(GraphBuilder& b, const std::string& name, const Value& x, int channels, int layers) {
  Value y = x;
  for (int i = 0; i < layers; ++i)
    y = DarknetConv(b, name + "_" + std::to_string(i + 1), y, i % 2 == 0 ? channels : channels / 2,
                    i % 2 == 0 ? 3 : 1);
  return y;
}

// Darknet-19, two more convolutions, and the finer map of stride 16 folded in.
std::vector<GraphOutput> FullBody(GraphBuilder& b, const Value& input, const YoloSpec& spec) {
  constexpr std::array<int, 6> kLayers{1, 1, 3, 3, 5, 5};
  Value x = input;
  Value fine;
  int channels = 32;
  for (size_t group = 0; group < kLayers.size(); ++group) {
    const std::string number = std::to_string(group + 1);
    x = Group(b, "conv" + number, x, channels, kLayers[group]);
    channels *= 2;
    if (group == 4) fine = x;
    if (group < 5) x = b.MaxPool("pool" + number, x, Square(2, 2, Padding::kValid));
  }
  x = DarknetConv(b, "conv7_2", DarknetConv(b, "conv7_1", x, 1024, 3), 1024, 3);
  const std::array<Value, 2> parts{b.DarknetReorg2("reorg", DarknetConv(b, "passthrough", fine, 64, 1)), x};
  const std::array<Value, 1> maps{DarknetConv(b, "conv8", b.Concat("route", parts), 1024, 3)};
  return YoloOutputs(b, maps, spec, ScoreKind::kSoftmaxLogits);
}

std::vector<GraphOutput> TinyBody(GraphBuilder& b, const Value& input, const YoloSpec& spec) {
  Value x = input;
  int index = 1;
  for (const int channels : {16, 32, 64, 128, 256, 512}) {
    const std::string number = std::to_string(index++);
    x = DarknetConv(b, "conv" + number, x, channels, 3);
    x = b.MaxPool("pool" + number, x,
                  channels == 512 ? Square(2, 1, Padding::kSame) : Square(2, 2, Padding::kValid));
  }
  const std::array<Value, 1> maps{DarknetConv(b, "conv8", DarknetConv(b, "conv7", x, 1024, 3), 512, 3)};
  return YoloOutputs(b, maps, spec, ScoreKind::kSoftmaxLogits);
}

Definition Network(const std::string& name, const std::string& description, int size,
                   std::vector<GraphOutput> (*body)(GraphBuilder&, const Value&, const YoloSpec&),
                   const PublishedFigures& published) {
  const YoloSpec spec = Spec(size);
  return Yolo(name, kFamily, description, size, spec, ScoreKind::kSoftmaxLogits, published,
              [spec, body](GraphBuilder& b, const Value& input) { return body(b, input, spec); });
}

}  // namespace

std::vector<Definition> YoloV2() {
  constexpr char kParameters[] =
      "parameters: Open Model Zoo yolo-v2-tf; MACs are published for 608 pixels only";
  return {
      Network("yolov2_416", "YOLOv2, one map", 416, FullBody, {50.953e6, 0, {}, kParameters}),
      Network("yolov2_608", "YOLOv2, one map", 608, FullBody,
              {50.953e6, 63.03e9 / 2, {}, "Open Model Zoo yolo-v2-tf, half its FLOPs"}),
      Network("yolov2_tiny_416", "YOLOv2-tiny, one map", 416, TinyBody,
              {11.229e6, 5.424e9 / 2, {}, "Open Model Zoo yolo-v2-tiny-tf, half its FLOPs"}),
  };
}

}  // namespace sightline::zoo
