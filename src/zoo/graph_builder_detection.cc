// The layers that only detectors have.
#include <onnx/onnx_pb.h>

#include <array>
#include <cmath>
#include <vector>

#include "src/base/check.h"
#include "src/zoo/graph_builder.h"
#include "src/zoo/onnx_fields.h"
#include "src/zoo/weights.h"

namespace sightline::zoo {

namespace {

// The part of the variance that lies between the channels' means on photographs, found by measuring
// MobileNetV3's maps: what global pooling leaves.
constexpr double kChannelShare = 0.4;

}  // namespace

Value GraphBuilder::CropsInput(int channels, int size, const Moments& moments) {
  const std::array<int64_t, 3> dims{channels, size, size};
  SetType(model_->mutable_graph()->add_input(), "crops", dims);
  return {"crops", channels, size, size, moments};
}

Value GraphBuilder::HardSigmoid(const std::string& name, const Value& x) {
  const std::array<std::string, 1> inputs{x.name};
  onnx::NodeProto* node = AddNode("HardSigmoid", name, inputs);
  AddAttribute(node, "alpha", 1 / 6.0F);
  AddAttribute(node, "beta", 0.5F);
  return {name, x.channels, x.height, x.width, {0.5, x.moments.variance / 36}};
}

Value GraphBuilder::SqueezeExcite(const std::string& name, const Value& x, int squeezed) {
  Value gate = GlobalAveragePool(name + "/squeeze", x);
  gate.moments.variance = kChannelShare * x.moments.variance;
  gate = Conv(name + "/reduce", gate, squeezed, {}, {.bias = true});
  gate = Act(name + "/act", gate, Activation::kRelu);
  gate = HardSigmoid(name + "/gate", Conv(name + "/expand", gate, x.channels, {}, {.bias = true}));
  // The gate first: OpenCV 4.6 takes every Mul whose second factor is a HardSigmoid for a hard swish,
  // whatever the first.
  const std::array<std::string, 2> inputs{gate.name, x.name};
  AddNode("Mul", name, inputs);
  const double mean = x.moments.mean * gate.moments.mean;
  return {
      name, x.channels, x.height, x.width, {mean, x.moments.second() * gate.moments.second() - mean * mean}};
}

Value GraphBuilder::Upsample2(const std::string& name, const Value& x) {
  const std::array<float, 4> scales{1, 1, 2, 2};
  const std::array<std::string, 2> inputs{x.name, AddConstants(name + "/scales", scales)};
  onnx::AttributeProto* mode = AddNode("Resize", name, inputs)->add_attribute();
  mode->set_name("mode");
  mode->set_type(onnx::AttributeProto::STRING);
  mode->set_s("nearest");
  return {name, x.channels, 2 * x.height, 2 * x.width, x.moments};
}

// Darknet reads the memory of [C, H, W] as [C / 4, 2 H, 2 W], moves each 2x2 of it into four channels, and
// calls what it has then [4 C, H / 2, W / 2]: not what the paper draws nor what ONNX's SpaceToDepth does to
// [C, H, W], but what the trained weights expect (src/blas.c, reorg_cpu with forward = 0).
Value GraphBuilder::DarknetReorg2(const std::string& name, const Value& x) {
  SIGHTLINE_CHECK(x.channels % 4 == 0 && x.height % 2 == 0 && x.width % 2 == 0);
  const std::array<int64_t, 6> split{0, x.channels / 4, x.height, 2, x.width, 2};
  const int channels = 4 * x.channels;
  const std::array<int64_t, 4> joined{0, channels, x.height / 2, x.width / 2};
  const std::array<std::string, 2> to_split{x.name, AddShape(name + "/split/shape", split)};
  AddNode("Reshape", name + "/split", to_split);
  const std::array<std::string, 1> moved{name + "/split"};
  AddAttribute(AddNode("Transpose", name + "/move", moved), "perm", {0, 3, 5, 1, 2, 4});
  const std::array<std::string, 2> to_joined{name + "/move", AddShape(name + "/shape", joined)};
  AddNode("Reshape", name, to_joined);
  return {name, channels, x.height / 2, x.width / 2, x.moments};
}

// Written as OpenCV 4.6 knows it and makes one layer of it: x * 1 / sqrt(max(sum of x * x, epsilon)).
Value GraphBuilder::L2Normalize(const std::string& name, const Value& x, double scale) {
  constexpr float kEpsilon = 1e-10F;
  const auto add = [this](const std::string& op, const std::string& node, const std::string& a,
                          const std::string& b) {
    std::vector<std::string> inputs{a};
    if (!b.empty()) inputs.push_back(b);
    return AddNode(op, node, inputs);
  };
  add("Mul", name + "/square", x.name, x.name);
  onnx::NodeProto* sum = add("ReduceSum", name + "/sum", name + "/square", "");
  AddAttribute(sum, "axes", {1});
  AddAttribute(sum, "keepdims", int64_t{1});
  add("Max", name + "/max", name + "/sum", AddConstants(name + "/epsilon", std::array<float, 1>{kEpsilon}));
  add("Sqrt", name + "/length", name + "/max", "");
  add("Reciprocal", name + "/reciprocal", name + "/length", "");
  add("Mul", name + "/unit", x.name, name + "/reciprocal");
  const std::array<int64_t, 4> dims{1, x.channels, 1, 1};
  WeightStream stream(SeedOf(name + "/scale"));
  add("Mul", name, name + "/unit",
      AddWeights(name + "/scale", dims, stream.Uniform(x.channels, 0.8 * scale, 1.25 * scale)));
  const double factor = scale / std::sqrt(x.channels * x.moments.second());
  return {
      name, x.channels, x.height, x.width, {x.moments.mean * factor, x.moments.variance * factor * factor}};
}

Value GraphBuilder::RowPerAnchor(const std::string& name, const Value& map, int values) {
  SIGHTLINE_CHECK(map.channels % values == 0);
  const std::array<std::string, 1> transposed{map.name};
  AddAttribute(AddNode("Transpose", name + "/nhwc", transposed), "perm", {0, 2, 3, 1});
  const std::array<int64_t, 3> shape{0, -1, values};
  const std::array<std::string, 2> inputs{name + "/nhwc", AddShape(name + "/shape", shape)};
  AddNode("Reshape", name, inputs);
  return {name, values, map.height * map.width * map.channels / values, 1, map.moments};
}

Value GraphBuilder::ConcatAnchors(const std::string& name, std::span<const Value> parts) {
  std::vector<std::string> inputs;
  int anchors = 0;
  for (const Value& part : parts) {
    SIGHTLINE_CHECK(part.channels == parts[0].channels);
    inputs.push_back(part.name);
    anchors += part.height;
  }
  AddAttribute(AddNode("Concat", name, inputs), "axis", int64_t{1});
  return {name, parts[0].channels, anchors, 1, parts[0].moments};
}

}  // namespace sightline::zoo
