#include "src/network/graph_view.h"

#include <utility>

#include "src/base/check.h"
#include "src/network/tensor_data.h"

namespace sightline::network {
namespace {

SlValue UnknownValue(const std::string& name) {
  SlValue value{};
  value.name = name.c_str();
  value.data_type = SL_F32;
  value.rank = -1;
  return value;
}

template <typename Sequence>
int32_t Count(const Sequence& sequence) {
  return static_cast<int32_t>(sequence.size());
}

}  // namespace

GraphView::GraphView(const Draft& draft) {
  const onnx::GraphProto& graph = draft.graph();
  for (const auto& input : graph.input()) inputs_.push_back(AddValue(input));
  for (const auto& [name, tensor] : draft.constants) AddConstant(*tensor);
  for (const auto& info : graph.value_info()) AddValue(info);
  for (const auto& output : graph.output()) {
    const auto known = index_.find(output.name());
    outputs_.push_back(known != index_.end() ? known->second : AddValue(output));
  }
  for (const onnx::NodeProto& node : graph.node()) AddNode(node);
  graph_.struct_size = sizeof(SlGraph);
  graph_.name = draft.name.c_str();
  graph_.opset = draft.opset();
  graph_.values = values_.data();
  graph_.value_count = Count(values_);
  graph_.nodes = nodes_.data();
  graph_.node_count = Count(nodes_);
  graph_.inputs = inputs_.data();
  graph_.input_count = Count(inputs_);
  graph_.outputs = outputs_.data();
  graph_.output_count = Count(outputs_);
}

int32_t GraphView::AddValue(const onnx::ValueInfoProto& info) {
  SlValue value = UnknownValue(info.name());
  const auto& type = info.type().tensor_type();
  value.data_type = ToSlDataType(type.elem_type()).value_or(SL_F32);
  if (type.has_shape()) {
    SIGHTLINE_CHECK(type.shape().dim_size() <= SL_MAX_RANK);
    value.rank = type.shape().dim_size();
    for (int i = 0; i < value.rank; ++i) {
      value.dims[i] = type.shape().dim(i).has_dim_value() ? type.shape().dim(i).dim_value() : -1;
    }
  }
  values_.push_back(value);
  index_.emplace(info.name(), Count(values_) - 1);
  return Count(values_) - 1;
}

void GraphView::AddConstant(const onnx::TensorProto& tensor) {
  SlValue value = UnknownValue(tensor.name());
  const auto type = ToSlDataType(tensor.data_type());
  SIGHTLINE_CHECK(type.has_value() && tensor.dims_size() <= SL_MAX_RANK);  // Normalize refuses others
  value.data_type = *type;
  value.rank = tensor.dims_size();
  for (int i = 0; i < value.rank; ++i) value.dims[i] = tensor.dims(i);
  value.data = tensor.raw_data().data();
  value.bytes = tensor.raw_data().size();
  values_.push_back(value);
  index_.emplace(tensor.name(), Count(values_) - 1);
}

int32_t GraphView::IndexOf(const std::string& name) {
  if (name.empty()) return -1;
  const auto [found, added] = index_.emplace(name, Count(values_));
  if (added) values_.push_back(UnknownValue(name));
  return found->second;
}

SlAttribute GraphView::MakeAttribute(const onnx::AttributeProto& attribute) {
  SlAttribute view{};
  view.name = attribute.name().c_str();
  switch (attribute.type()) {
    case onnx::AttributeProto::INT:
      view.kind = SL_ATTRIBUTE_INT;
      view.int_value = attribute.i();
      break;
    case onnx::AttributeProto::FLOAT:
      view.kind = SL_ATTRIBUTE_FLOAT;
      view.float_value = attribute.f();
      break;
    case onnx::AttributeProto::STRING:
      view.kind = SL_ATTRIBUTE_STRING;
      view.string_value = attribute.s().c_str();
      break;
    case onnx::AttributeProto::INTS:
      view.kind = SL_ATTRIBUTE_INTS;
      view.ints = attribute.ints().data();
      view.count = Count(attribute.ints());
      break;
    case onnx::AttributeProto::FLOATS:
      view.kind = SL_ATTRIBUTE_FLOATS;
      view.floats = attribute.floats().data();
      view.count = Count(attribute.floats());
      break;
    default:
      view.kind = SL_ATTRIBUTE_OTHER;
      break;
  }
  return view;
}

void GraphView::AddNode(const onnx::NodeProto& node) {
  const auto indices = [this](const auto& names) {
    std::vector<int32_t>& list = index_lists_.emplace_back();
    for (const std::string& name : names) list.push_back(IndexOf(name));
    return list.data();
  };
  std::vector<SlAttribute>& attributes = attribute_lists_.emplace_back();
  for (const onnx::AttributeProto& attribute : node.attribute())
    attributes.push_back(MakeAttribute(attribute));
  SlNode view{};
  view.name = node.name().c_str();
  view.op_type = node.op_type().c_str();
  view.inputs = indices(node.input());
  view.input_count = node.input_size();
  view.outputs = indices(node.output());
  view.output_count = node.output_size();
  view.attributes = attributes.data();
  view.attribute_count = Count(attributes);
  nodes_.push_back(view);
}

}  // namespace sightline::network
