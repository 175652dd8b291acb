// SqueezeNet (Iandola et al., "SqueezeNet: AlexNet-level accuracy with 50x fewer parameters and <0.5MB model
// size", 2016) 1.0 and 1.1, with the paddings of torchvision.
#include <array>
#include <span>
#include <string>

#include "src/zoo/families.h"

namespace sightline::zoo {
namespace {

struct Fire {
  int squeeze;
  int expand;  // of 1x1 and of 3x3 each
  bool pooled_before;
};

constexpr Fire kFires10[] = {{16, 64, true},   {16, 64, false},  {32, 128, false}, {32, 128, true},
                             {48, 192, false}, {48, 192, false}, {64, 256, false}, {64, 256, true}};
constexpr Fire kFires11[] = {{16, 64, true},  {16, 64, false},  {32, 128, true},  {32, 128, false},
                             {48, 192, true}, {48, 192, false}, {64, 256, false}, {64, 256, false}};

struct Variant {
  const char* name;
  const char* description;
  int stem_channels;
  int stem_kernel;
  std::span<const Fire> fires;
  double parameters;
  double macs;
  double top1_percent;
};

constexpr char kSource[] = "torchvision weight metadata, IMAGENET1K_V1";

constexpr Variant kVariants[] = {
    {"squeezenet_1.0", "fire modules, 7x7 stem", 96, 7, kFires10, 1248424, 0.819e9, 58.092},
    {"squeezenet_1.1", "fire modules, 3x3 stem, earlier pooling", 64, 3, kFires11, 1235496, 0.349e9, 58.178},
};

// The logits are means of a ReLU's output over 13 x 13 positions: the spread that the mean takes away is put
// in before.
constexpr double kScoreDeviation = 6.5 * kLogitDeviation;

Value ConvAct(GraphBuilder& b, const std::string& name, const Value& x, int channels, const Window& window,
              double deviation = 1) {
  return b.Act(name + "/act", b.Conv(name, x, channels, window, {.bias = true, .deviation = deviation}));
}

Value FireModule(GraphBuilder& b, const std::string& name, const Value& x, const Fire& fire) {
  const Value squeezed = ConvAct(b, name + "/squeeze", x, fire.squeeze, Square(1, 1, Padding::kValid));
  const std::array<Value, 2> expanded{
      ConvAct(b, name + "/expand1x1", squeezed, fire.expand, Square(1, 1, Padding::kValid)),
      ConvAct(b, name + "/expand3x3", squeezed, fire.expand, Square(3, 1, Padding::kSymmetric))};
  return b.Concat(name, expanded);
}

Value Body(GraphBuilder& b, const Value& input, const Variant& v) {
  Value x = ConvAct(b, "conv1", input, v.stem_channels, Square(v.stem_kernel, 2, Padding::kValid));
  int index = 2;
  for (const Fire& fire : v.fires) {
    const std::string name = "fire" + std::to_string(index++);
    if (fire.pooled_before) x = b.MaxPool(name + "/pool", x, Square(3, 2, Padding::kCeil));
    x = FireModule(b, name, x, fire);
  }
  x = ConvAct(b, "conv10", x, kImageNetClasses, Square(1, 1, Padding::kValid), kScoreDeviation);
  return b.Flatten("logits", b.GlobalAveragePool("pool", x));
}

}  // namespace

std::vector<Definition> SqueezeNet() {
  std::vector<Definition> networks;
  for (const Variant& v : kVariants) {
    networks.push_back({.entry = {v.name, "SqueezeNet", v.description,
                                  ClassificationTask(TorchvisionPreprocess(224), kImageNetClasses,
                                                     {v.parameters, v.macs, v.top1_percent, kSource})},
                        .style = {},
                        .body = [&v](GraphBuilder& b, const Value& input) { return Body(b, input, v); }});
  }
  return networks;
}

}  // namespace sightline::zoo
