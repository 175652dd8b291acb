// Small models for the tests of this room, written in ONNX's text form.
#pragma once

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <numeric>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "fmt/format.h"
#include "gtest/gtest.h"
#include "onnx/defs/parser.h"
#include "onnx/onnx_pb.h"
#include "src/network/network.h"
#include "src/network/tensor_data.h"

namespace sightline::network {

// The model of a graph written as "g (float[N,3,8,8] x) => (float[N,8,8,8] y) { y = Conv(x, w) }".
inline std::unique_ptr<onnx::ModelProto> ParseModel(const std::string& graph, int opset = 13,
                                                    int ir_version = 7) {
  auto model = std::make_unique<onnx::ModelProto>();
  const std::string text = fmt::format("<ir_version: {}, opset_import: [\"\" : {}, \"custom\" : 1]>\n{}",
                                       ir_version, opset, graph);
  const auto status = onnx::OnnxParser::Parse(*model, text.c_str());
  if (!status.IsOK()) ADD_FAILURE() << status.ErrorMessage();
  return model;
}

// Adds a weight with the values first, first + step, first + 2 step, ...
inline void AddWeight(onnx::ModelProto& model, const std::string& name, const std::vector<int64_t>& dims,
                      float first = 0.1F, float step = 0.01F) {
  const int64_t count = std::accumulate(dims.begin(), dims.end(), int64_t{1}, std::multiplies<>());
  std::vector<float> values;
  for (int64_t i = 0; i < count; ++i) values.push_back(first + static_cast<float>(i % 17) * step);
  *model.mutable_graph()->add_initializer() = MakeFloatTensor(name, dims, values);
}

// Numbers about 0 with this standard deviation.
inline std::vector<float> Normal(int64_t count, double deviation, unsigned seed) {
  std::mt19937 generator(seed);
  std::normal_distribution<double> normal(0, deviation);
  std::vector<float> values(static_cast<size_t>(count));
  for (float& value : values) value = static_cast<float>(normal(generator));
  return values;
}

// FromModel, which must succeed.
inline Network Load(std::unique_ptr<onnx::ModelProto> model) {
  Result<Network> network = Network::FromModel(std::move(model), "test");
  if (!network.ok()) throw std::runtime_error(network.error().message());  // gtest reports it
  return *std::move(network);
}
inline Network Load(const std::string& graph, int opset = 13) {
  return Load(ParseModel(graph, opset));
}

inline const onnx::NodeProto* FindNode(const Network& network, std::string_view op_type) {
  for (const onnx::NodeProto& node : network.model().graph().node()) {
    if (node.op_type() == op_type) return &node;
  }
  return nullptr;
}

// "Conv Relu Gemm"
inline std::string OpTypes(const Network& network) {
  std::string types;
  for (const onnx::NodeProto& node : network.model().graph().node()) {
    types += (types.empty() ? "" : " ") + node.op_type();
  }
  return types;
}

inline const onnx::TensorProto* FindConstant(const Network& network, const std::string& name) {
  for (const onnx::TensorProto& tensor : network.model().graph().initializer()) {
    if (tensor.name() == name) return &tensor;
  }
  return nullptr;
}

// The constant integers that input `index` of the first `op_type` reads.
inline std::vector<int64_t> OperandOf(const Network& network, std::string_view op_type, int index = 1) {
  const onnx::NodeProto* node = FindNode(network, op_type);
  if (node == nullptr || node->input_size() <= index) return {};
  const onnx::TensorProto* constant = FindConstant(network, node->input(index));
  return constant == nullptr ? std::vector<int64_t>{} : ReadInts(*constant).value_or(std::vector<int64_t>{});
}

inline std::vector<int64_t> IntsOf(const onnx::NodeProto& node, std::string_view name) {
  for (const auto& attribute : node.attribute()) {
    if (attribute.name() == name) return {attribute.ints().begin(), attribute.ints().end()};
  }
  return {};
}

inline bool HasAttribute(const onnx::NodeProto& node, std::string_view name) {
  for (const auto& attribute : node.attribute()) {
    if (attribute.name() == name) return true;
  }
  return false;
}

// Dimensions of a value as the network's own view has them; {-2} when there is no such value or no rank.
inline std::vector<int64_t> DimsOf(const Network& network, const std::string& name) {
  const SlGraph& graph = network.Graph();
  for (int32_t i = 0; i < graph.value_count; ++i) {
    const SlValue& value = graph.values[i];
    if (value.name == name && value.rank >= 0) return {value.dims, value.dims + value.rank};
  }
  return {-2};
}

}  // namespace sightline::network
