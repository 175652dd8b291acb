#include "backends/conformance/operators/model_maker.h"

#include "src/base/random.h"

namespace sightline::conformance {
namespace {

onnx::AttributeProto Make(const std::string& name, onnx::AttributeProto::AttributeType type) {
  onnx::AttributeProto attribute;
  attribute.set_name(name);
  attribute.set_type(type);
  return attribute;
}

}  // namespace

onnx::AttributeProto MakeInt(const std::string& name, int64_t value) {
  onnx::AttributeProto attribute = Make(name, onnx::AttributeProto::INT);
  attribute.set_i(value);
  return attribute;
}

onnx::AttributeProto MakeFloat(const std::string& name, float value) {
  onnx::AttributeProto attribute = Make(name, onnx::AttributeProto::FLOAT);
  attribute.set_f(value);
  return attribute;
}

onnx::AttributeProto MakeText(const std::string& name, const std::string& value) {
  onnx::AttributeProto attribute = Make(name, onnx::AttributeProto::STRING);
  attribute.set_s(value);
  return attribute;
}

onnx::AttributeProto MakeInts(const std::string& name, const Dims& values) {
  onnx::AttributeProto attribute = Make(name, onnx::AttributeProto::INTS);
  for (const int64_t value : values) attribute.add_ints(value);
  return attribute;
}

ModelMaker::ModelMaker(int opset) {
  model_.set_ir_version(7);
  auto* imported = model_.add_opset_import();
  imported->set_domain("");
  imported->set_version(opset);
  model_.mutable_graph()->set_name("test");
}

ModelMaker& ModelMaker::Input(const std::string& name, const Dims& dims) {
  auto* input = model_.mutable_graph()->add_input();
  input->set_name(name);
  auto* type = input->mutable_type()->mutable_tensor_type();
  type->set_elem_type(onnx::TensorProto::FLOAT);
  for (const int64_t dim : dims) {
    auto* out = type->mutable_shape()->add_dim();
    if (dim < 0) {
      out->set_dim_param("N");
    } else {
      out->set_dim_value(dim);
    }
  }
  return *this;
}

void ModelMaker::AddWeights(const std::string& name, const Dims& dims, double low) {
  auto* tensor = model_.mutable_graph()->add_initializer();
  tensor->set_name(name);
  tensor->set_data_type(onnx::TensorProto::FLOAT);
  int64_t count = 1;
  for (const int64_t dim : dims) {
    tensor->add_dims(dim);
    count *= dim;
  }
  SplitMix64 random(SeedFor(1, name));
  for (int64_t i = 0; i < count; ++i) {
    tensor->add_float_data(static_cast<float>(low + (1 - low) * random.NextUniform()));
  }
}

ModelMaker& ModelMaker::Weights(const std::string& name, const Dims& dims) {
  AddWeights(name, dims, -1);
  return *this;
}

ModelMaker& ModelMaker::PositiveWeights(const std::string& name, const Dims& dims) {
  AddWeights(name, dims, 0.5);
  return *this;
}

ModelMaker& ModelMaker::Ints(const std::string& name, const Dims& values) {
  auto* tensor = model_.mutable_graph()->add_initializer();
  tensor->set_name(name);
  tensor->set_data_type(onnx::TensorProto::INT64);
  tensor->add_dims(static_cast<int64_t>(values.size()));
  for (const int64_t value : values) tensor->add_int64_data(value);
  return *this;
}

ModelMaker& ModelMaker::Node(const std::string& op_type, const std::vector<std::string>& inputs,
                             const std::string& output, const std::vector<onnx::AttributeProto>& attributes) {
  auto* node = model_.mutable_graph()->add_node();
  node->set_name(output + "_node");
  node->set_op_type(op_type);
  for (const std::string& input : inputs) node->add_input(input);
  node->add_output(output);
  for (const onnx::AttributeProto& attribute : attributes) *node->add_attribute() = attribute;
  return *this;
}

ModelMaker& ModelMaker::Output(const std::string& name) {
  auto* output = model_.mutable_graph()->add_output();
  output->set_name(name);
  output->mutable_type()->mutable_tensor_type()->set_elem_type(onnx::TensorProto::FLOAT);
  return *this;
}

}  // namespace sightline::conformance
