// The layers that only detectors have.
#include <onnx/onnx_pb.h>

#include <array>
#include <vector>

#include "src/base/check.h"
#include "src/zoo/graph_builder.h"
#include "src/zoo/onnx_fields.h"

namespace sightline::zoo {

Value GraphBuilder::HardSigmoid(const std::string& name, const Value& x) {
  const std::array<std::string, 1> inputs{x.name};
  onnx::NodeProto* node = AddNode("HardSigmoid", name, inputs);
  AddAttribute(node, "alpha", 1 / 6.0F);
  AddAttribute(node, "beta", 0.5F);
  return {name, x.channels, x.height, x.width, {0.5, x.moments.variance / 36}};
}

Value GraphBuilder::SqueezeExcite(const std::string& name, const Value& x, int squeezed) {
  Value gate = GlobalAveragePool(name + "/squeeze", x);
  gate = Conv(name + "/reduce", gate, squeezed, {}, {.bias = true});
  gate = Act(name + "/act", gate, Activation::kRelu);
  gate = HardSigmoid(name + "/gate", Conv(name + "/expand", gate, x.channels, {}, {.bias = true}));
  const std::array<std::string, 2> inputs{x.name, gate.name};
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
