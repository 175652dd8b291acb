// MobileNetV3-Large (Howard et al., "Searching for MobileNetV3", 2019, table 1), as far as detectors use it
// (tensorflow/models research/slim/nets/mobilenet/mobilenet_v3.py, V3_LARGE_DETECTION).
#include <algorithm>
#include <string>

#include "src/zoo/backbones.h"

namespace sightline::zoo {
namespace {

struct Unit {
  int expanded;
  int channels;
  int kernel;
  int stride;
  bool squeeze;
  Activation activation;
};

constexpr Activation kRelu = Activation::kRelu;
constexpr Activation kHardSwish = Activation::kHardSwish;

constexpr Unit kUnits[] = {
    {16, 16, 3, 1, false, kRelu},       {64, 24, 3, 2, false, kRelu},
    {72, 24, 3, 1, false, kRelu},       {72, 40, 5, 2, true, kRelu},
    {120, 40, 5, 1, true, kRelu},       {120, 40, 5, 1, true, kRelu},
    {240, 80, 3, 2, false, kHardSwish}, {200, 80, 3, 1, false, kHardSwish},
    {184, 80, 3, 1, false, kHardSwish}, {184, 80, 3, 1, false, kHardSwish},
    {480, 112, 3, 1, true, kHardSwish}, {672, 112, 3, 1, true, kHardSwish},
    {672, 80, 5, 2, true, kHardSwish},  // 160 in the classifier, here and below
    {480, 80, 5, 1, true, kHardSwish},  {480, 80, 5, 1, true, kHardSwish},
};

constexpr int kLastChannels = 480;  // 960 in the classifier

// A quarter, to a multiple of 8, but never more than 10 % down.
int Squeezed(int expanded) {
  const int rounded = std::max(8, (expanded / 4 + 4) / 8 * 8);
  return rounded * 10 < expanded / 4 * 9 ? rounded + 8 : rounded;
}

Value ConvBnAct(GraphBuilder& b, const std::string& name, const Value& x, int channels, const Window& window,
                Activation activation, int groups = 1) {
  return b.Act(name + "/act", b.ConvBn(name, x, channels, window, groups), activation);
}

// `expanded` receives the input of the depthwise convolution.
Value InvertedResidual(GraphBuilder& b, const std::string& name, const Value& x, const Unit& unit,
                       Value& expanded) {
  expanded = x;
  if (unit.expanded != x.channels)
    expanded = ConvBnAct(b, name + "/expand", x, unit.expanded, {}, unit.activation);
  Value y = ConvBnAct(b, name + "/depthwise", expanded, unit.expanded,
                      Square(unit.kernel, unit.stride, Padding::kSame), unit.activation, unit.expanded);
  if (unit.squeeze) y = b.SqueezeExcite(name + "/squeeze", y, Squeezed(unit.expanded));
  y = b.ConvBn(name + "/project", y, unit.channels, {});
  return unit.stride == 1 && x.channels == unit.channels ? b.Add(name + "/add", x, y) : y;
}

}  // namespace

Taps MobileNetV3LargeTaps(GraphBuilder& b, const Value& input) {
  constexpr int kLastStride = 13;  // the unit that goes from stride 16 to 32
  Value x = ConvBnAct(b, "conv0", input, 16, Square(3, 2, Padding::kSame), kHardSwish);
  Taps taps;
  int index = 1;
  for (const Unit& unit : kUnits) {
    Value expanded;
    x = InvertedResidual(b, "unit" + std::to_string(index), x, unit, expanded);
    if (index++ == kLastStride) taps.stride16 = expanded;
  }
  taps.stride32 = ConvBnAct(b, "conv1", x, kLastChannels, {}, kHardSwish);
  return taps;
}

}  // namespace sightline::zoo
