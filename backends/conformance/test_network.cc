#include "backends/conformance/test_network.h"

#include <cmath>
#include <cstdint>
#include <utility>

#include "src/base/random.h"

namespace sightline::conformance {
namespace {

using Dims = std::vector<int64_t>;

int64_t Product(const Dims& dims) {
  int64_t product = 1;
  for (const int64_t dim : dims) product *= dim;
  return product;
}

void SetValue(onnx::ValueInfoProto& value, const std::string& name, const Dims& dims,
              onnx::TensorProto::DataType element = onnx::TensorProto::FLOAT) {
  value.set_name(name);
  auto& type = *value.mutable_type()->mutable_tensor_type();
  type.set_elem_type(element);
  for (const int64_t dim : dims) {
    auto& to = *type.mutable_shape()->add_dim();
    if (dim < 0) {
      to.set_dim_param("N");
    } else {
      to.set_dim_value(dim);
    }
  }
}

// Adds nodes one after another; each method returns the name of what the node makes, which is the node's own
// name.
class Builder {
 public:
  Builder() : model_(std::make_unique<onnx::ModelProto>()) {
    model_->set_ir_version(7);
    model_->add_opset_import()->set_version(10);
    model_->mutable_graph()->set_name("conformance");
  }

  std::string Input(const std::string& name, const Dims& dims,
                    onnx::TensorProto::DataType element = onnx::TensorProto::FLOAT) {
    SetValue(*model_->mutable_graph()->add_input(), name, dims, element);
    return name;
  }
  void Output(const std::string& name, const Dims& dims) {
    SetValue(*model_->mutable_graph()->add_output(), name, dims);
  }
  // Values around `center`, as wide as `spread`.
  std::string Weights(const std::string& name, const Dims& dims, double center, double spread) {
    onnx::TensorProto& tensor = *model_->mutable_graph()->add_initializer();
    tensor.set_name(name);
    tensor.set_data_type(onnx::TensorProto::FLOAT);
    for (const int64_t dim : dims) tensor.add_dims(dim);
    for (int64_t i = 0; i < Product(dims); ++i) {
      tensor.add_float_data(static_cast<float>(center + spread * (2 * random_.NextUniform() - 1)));
    }
    return name;
  }
  std::string Node(const std::string& type, const std::string& name, const std::vector<std::string>& inputs) {
    onnx::NodeProto& node = *model_->mutable_graph()->add_node();
    node.set_op_type(type);
    node.set_name(name);
    for (const std::string& input : inputs) node.add_input(input);
    node.add_output(name);
    return name;
  }
  void Ints(const std::string& name, const Dims& values) {
    onnx::AttributeProto& attribute = Attribute(name, onnx::AttributeProto::INTS);
    for (const int64_t value : values) attribute.add_ints(value);
  }
  void Int(const std::string& name, int64_t value) {
    Attribute(name, onnx::AttributeProto::INT).set_i(value);
  }
  void Float(const std::string& name, float value) {
    Attribute(name, onnx::AttributeProto::FLOAT).set_f(value);
  }

  std::string Conv(const std::string& name, const std::string& input, const Dims& weights, const Dims& pads,
                   int64_t stride, int64_t group) {
    const int64_t fan_in = Product(weights) / weights[0];
    const double spread = std::sqrt(3.0 / static_cast<double>(fan_in));
    Weights(name + "_w", weights, 0, spread);
    Weights(name + "_b", {weights[0]}, 0, 0.2);
    Node("Conv", name, {input, name + "_w", name + "_b"});
    Ints("kernel_shape", {weights[2], weights[3]});
    Ints("pads", pads);
    Ints("strides", {stride, stride});
    Int("group", group);
    return name;
  }
  std::string BatchNorm(const std::string& name, const std::string& input, int64_t channels) {
    Weights(name + "_scale", {channels}, 1.5, 0.5);
    Weights(name + "_shift", {channels}, 0.5, 0.5);
    Weights(name + "_mean", {channels}, 0, 0.3);
    Weights(name + "_var", {channels}, 1, 0.5);
    Node("BatchNormalization", name,
         {input, name + "_scale", name + "_shift", name + "_mean", name + "_var"});
    Float("epsilon", 1e-3F);
    return name;
  }
  std::string Relu6(const std::string& name, const std::string& input) {
    Node("Clip", name, {input});
    Float("min", 0);
    Float("max", 6);
    return name;
  }
  std::string Pool(const std::string& type, const std::string& name, const std::string& input, int64_t kernel,
                   int64_t stride, const Dims& pads) {
    Node(type, name, {input});
    Ints("kernel_shape", {kernel, kernel});
    Ints("strides", {stride, stride});
    Ints("pads", pads);
    return name;
  }

  std::unique_ptr<onnx::ModelProto> Take() { return std::move(model_); }

 private:
  onnx::AttributeProto& Attribute(const std::string& name, onnx::AttributeProto::AttributeType type) {
    onnx::GraphProto& graph = *model_->mutable_graph();
    onnx::AttributeProto& attribute = *graph.mutable_node(graph.node_size() - 1)->add_attribute();
    attribute.set_name(name);
    attribute.set_type(type);
    return attribute;
  }

  std::unique_ptr<onnx::ModelProto> model_;
  SplitMix64 random_{20260101};
};

// 3x11x9 -> 8x6x5: stride 2 with the pads TensorFlow would choose for an odd height and a width padded on one
// side.
std::string Stem(Builder& b, const std::string& image) {
  const std::string conv = b.Conv("stem", image, {8, 3, 3, 3}, {1, 0, 1, 2}, 2, 1);
  return b.Relu6("stem_relu6", b.BatchNorm("stem_bn", conv, 8));
}

// Depthwise, max and average branches of `input` (8x6x5), joined to 24x6x5.
std::string Branches(Builder& b, const std::string& input) {
  const std::string depthwise = b.Conv("depthwise", input, {8, 1, 3, 3}, {1, 1, 1, 1}, 1, 8);
  const std::string max = b.Pool("MaxPool", "max_pool", input, 2, 1, {0, 0, 1, 1});
  const std::string average = b.Pool("AveragePool", "average_pool", input, 3, 1, {1, 1, 1, 1});
  const std::string join =
      b.Node("Concat", "join", {b.Node("Relu", "depthwise_relu", {depthwise}), max, average});
  b.Int("axis", 1);
  return join;
}

void AddHead(Builder& b, const std::string& input, int64_t channels) {
  const std::string pooled = b.Node("GlobalAveragePool", "global_pool", {input});
  const std::string flat = b.Node("Flatten", "flat", {pooled});
  b.Int("axis", 1);
  b.Weights("fc_w", {7, channels}, 0, 1);
  b.Weights("fc_b", {7}, 0, 0.2);
  const std::string logits = b.Node("Gemm", "logits", {flat, "fc_w", "fc_b"});
  b.Int("transB", 1);
  b.Node("Softmax", "probabilities", {logits});
  b.Int("axis", 1);
  b.Output("probabilities", {-1, 7});
}

// One field of a protobuf message that holds bytes: strings and messages.
std::string Field(int number, const std::string& bytes) {
  return std::string(1, static_cast<char>(number << 3 | 2)) +
         std::string(1, static_cast<char>(bytes.size())) + bytes;
}

}  // namespace

std::unique_ptr<onnx::ModelProto> MixedModel() {
  Builder b;
  const std::string stem = Stem(b, b.Input("image", {-1, 3, 11, 9}));
  const std::string joined = Branches(b, stem);
  const std::string left = b.Conv("project", joined, {12, 24, 1, 1}, {0, 0, 0, 0}, 1, 1);
  const std::string right = b.Conv("shortcut", stem, {12, 8, 1, 1}, {0, 0, 0, 0}, 1, 1);
  const std::string features = b.Node("Add", "features", {left, right});
  b.Output("features", {-1, 12, 6, 5});
  AddHead(b, b.Pool("MaxPool", "last_pool", features, 3, 2, {0, 1, 0, 0}), 12);
  return b.Take();
}

std::unique_ptr<onnx::ModelProto> TwoInputModel() {
  Builder b;
  const std::string left = b.Input("left", {-1, 4, 3, 5});
  const std::string right = b.Input("right", {-1, 4, 3, 5});
  b.Node("Add", "sum", {b.Node("Relu", "positive", {b.Node("Add", "both", {left, right})}), left});
  b.Output("sum", {-1, 4, 3, 5});
  return b.Take();
}

std::unique_ptr<onnx::ModelProto> BytesModel() {
  Builder b;
  b.Node("Cast", "values", {b.Input("bytes", {-1, 6}, onnx::TensorProto::UINT8)});
  b.Int("to", onnx::TensorProto::FLOAT);
  b.Output("values", {-1, 6});
  return b.Take();
}

std::string FrozenRelu() {
  const std::string is_float = {0x30, 0x01};  // AttrValue.type = DT_FLOAT
  const auto type = [&](const char* key) { return Field(5, Field(1, key) + Field(2, is_float)); };
  const std::string placeholder = Field(1, "in") + Field(2, "Placeholder") + type("dtype");
  const std::string relu = Field(1, "out") + Field(2, "Relu") + Field(3, "in") + type("T");
  return Field(1, placeholder) + Field(1, relu);
}

std::unique_ptr<onnx::ModelProto> UnknownOperatorModel() {
  Builder b;
  const std::string image = b.Input("image", {-1, 3, 4, 4});
  b.Node("Relu", "result", {b.Node("Frobnicate", "odd_layer", {image})});
  b.Output("result", {-1, 3, 4, 4});
  return b.Take();
}

}  // namespace sightline::conformance
