// YOLOv3 (Redmon, Farhadi, "YOLOv3: An Incremental Improvement", 2018), as darknet's cfg/yolov3.cfg and
// cfg/yolov3-tiny.cfg describe it. Both have their coarse map first.
#include <array>
#include <cstddef>
#include <string>

#include "src/zoo/families.h"
#include "src/zoo/yolo_blocks.h"

namespace sightline::zoo {
namespace {

constexpr char kFamily[] = "YOLO";

// The fine map's mask is 0,1,2 here; some ports have 1,2,3.
YoloSpec TinySpec(int size) {
  const int coarse = size / 32;
  return {{{coarse, coarse, {{81, 82}, {135, 169}, {344, 319}}},
           {2 * coarse, 2 * coarse, {{10, 14}, {23, 27}, {37, 58}}}}};
}

YoloSpec FullSpec(int size) {
  const int coarse = size / 32;
  return {{{coarse, coarse, {{116, 90}, {156, 198}, {373, 326}}},
           {2 * coarse, 2 * coarse, {{30, 61}, {62, 45}, {59, 119}}},
           {4 * coarse, 4 * coarse, {{10, 13}, {16, 30}, {33, 23}}}}};
}

// What leads from a coarse map to the next finer one.
Value Refine(GraphBuilder& b, const std::string& name, const Value& neck, int channels, const Value& fine) {
  const Value up = b.Upsample2(name + "/upsample", DarknetConv(b, name, neck, channels, 1));
  const std::array<Value, 2> parts{up, fine};
  return b.Concat(name + "/route", parts);
}

std::vector<GraphOutput> TinyBody(GraphBuilder& b, const Value& input, const YoloSpec& spec) {
  Value x = input;
  Value fine;
  int index = 0;
  for (const int channels : {16, 32, 64, 128, 256}) {
    const std::string number = std::to_string(index++);
    fine = DarknetConv(b, "conv" + number, x, channels, 3);
    x = b.MaxPool("pool" + number, fine, Square(2, 2, Padding::kValid));
  }
  x = b.MaxPool("pool5", DarknetConv(b, "conv5", x, 512, 3), Square(2, 1, Padding::kSame));
  const Value neck = DarknetConv(b, "conv7", DarknetConv(b, "conv6", x, 1024, 3), 256, 1);
  const Value coarse = DarknetConv(b, "conv8", neck, 512, 3);
  fine = DarknetConv(b, "conv10", Refine(b, "conv9", neck, 128, fine), 256, 3);
  const std::array<Value, 2> maps{coarse, fine};
  return YoloOutputs(b, maps, spec, ScoreKind::kSigmoidLogits);
}

// Darknet-53's three last stages, stride 8, 16 and 32.
std::array<Value, 3> Darknet53(GraphBuilder& b, const Value& input) {
  constexpr std::array<int, 5> kUnits{1, 2, 8, 8, 4};
  Value x = DarknetConv(b, "conv0", input, 32, 3);
  std::array<Value, 3> taps;
  int channels = 64;
  for (size_t stage = 0; stage < kUnits.size(); ++stage) {
    const std::string prefix = "stage" + std::to_string(stage + 1);
    x = DarknetConv(b, prefix, x, channels, 3, 2);
    for (int unit = 1; unit <= kUnits[stage]; ++unit) {
      const std::string name = prefix + "/unit" + std::to_string(unit);
      const Value y = DarknetConv(b, name + "/reduce", x, channels / 2, 1);
      x = b.Add(name + "/add", x, DarknetConv(b, name + "/conv", y, channels, 3));
    }
    if (stage >= 2) taps[stage - 2] = x;
    channels *= 2;
  }
  return taps;
}

// 1x1 and 3x3 convolutions in turn; the fifth leads on to the finer map, the sixth to the head.
struct Neck {
  Value onward;
  Value to_head;
};

Neck ApplyNeck(GraphBuilder& b, const std::string& name, const Value& x, int channels) {
  Value y = x;
  for (int i = 0; i < 5; ++i)
    y = DarknetConv(b, name + "/conv" + std::to_string(i), y, i % 2 == 0 ? channels : 2 * channels,
                    i % 2 == 0 ? 1 : 3);
  return {y, DarknetConv(b, name + "/conv5", y, 2 * channels, 3)};
}

std::vector<GraphOutput> FullBody(GraphBuilder& b, const Value& input, const YoloSpec& spec) {
  const std::array<Value, 3> taps = Darknet53(b, input);
  std::vector<Value> maps;
  Value x = taps[2];
  int channels = 512;
  for (size_t head = 0; head < spec.heads.size(); ++head) {
    const std::string number = std::to_string(head);
    const Neck neck = ApplyNeck(b, "neck" + number, x, channels);
    maps.push_back(neck.to_head);
    channels /= 2;
    if (head < 2) x = Refine(b, "refine" + number, neck.onward, channels, taps[1 - head]);
  }
  return YoloOutputs(b, maps, spec, ScoreKind::kSigmoidLogits);
}

struct Variant {
  int size;
  double macs;
};

}  // namespace

std::vector<Definition> YoloV3() {
  std::vector<Definition> networks;
  for (const Variant& v :
       {Variant{320, 38.97e9 / 2}, Variant{416, 65.86e9 / 2}, Variant{608, 140.69e9 / 2}}) {
    const YoloSpec spec = FullSpec(v.size);
    networks.push_back(Yolo(
        "yolov3_" + std::to_string(v.size), kFamily, "YOLOv3, three maps", v.size, spec,
        ScoreKind::kSigmoidLogits,
        {61.92e6, v.macs, {}, "MACs: half of darknet's operations; parameters: Open Model Zoo yolo-v3-tf"},
        [spec](GraphBuilder& b, const Value& input) { return FullBody(b, input, spec); }));
  }
  const YoloSpec spec = TinySpec(416);
  networks.push_back(Yolo("yolov3_tiny_416", kFamily, "YOLOv3-tiny, two maps", 416, spec,
                          ScoreKind::kSigmoidLogits,
                          {0, 5.56e9 / 2, {}, "MACs: half of the operations at pjreddie.com/darknet/yolo"},
                          [spec](GraphBuilder& b, const Value& input) { return TinyBody(b, input, spec); }));
  return networks;
}

}  // namespace sightline::zoo
