// A single node with its tensors, for tests of what is read from one.
#pragma once

#include <cstdint>
#include <cstring>
#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "backends/kit/graph.h"

namespace sightline::kit {

// Everything the SlGraph points at lives here, so a node is good as long as this is.
class TestNode {
 public:
  explicit TestNode(std::string op_type) : op_type_(std::move(op_type)) {}

  TestNode& Input(const std::vector<int64_t>& dims, SlDataType type = SL_F32) {
    inputs_.push_back(Add(Value(dims, type)));
    return *this;
  }
  TestNode& UnknownInput() {
    SlValue value = Value({}, SL_F32);
    value.rank = -1;
    inputs_.push_back(Add(value));
    return *this;
  }
  TestNode& MissingInput() {
    inputs_.push_back(-1);
    return *this;
  }
  template <typename T>
  TestNode& Constant(const std::vector<int64_t>& dims, SlDataType type, const std::vector<T>& elements) {
    SlValue value = Value(dims, type);
    value.bytes = elements.size() * sizeof(T);
    data_.emplace_back(value.bytes + 1);  // no null pointer where there are no elements
    if (!elements.empty()) std::memcpy(data_.back().data(), elements.data(), value.bytes);
    value.data = data_.back().data();
    inputs_.push_back(Add(value));
    return *this;
  }
  TestNode& Floats(const std::vector<float>& elements) {
    return Constant({static_cast<int64_t>(elements.size())}, SL_F32, elements);
  }
  TestNode& Ints(const std::vector<int64_t>& elements) {
    return Constant({static_cast<int64_t>(elements.size())}, SL_I64, elements);
  }
  TestNode& Output(const std::vector<int64_t>& dims) {
    outputs_.push_back(Add(Value(dims, SL_F32)));
    return *this;
  }

  TestNode& SetInt(const char* name, int64_t value) {
    attributes_.push_back({name, SL_ATTRIBUTE_INT, value, 0, nullptr, nullptr, nullptr, 0});
    return *this;
  }
  TestNode& SetString(const char* name, const char* value) {
    attributes_.push_back({name, SL_ATTRIBUTE_STRING, 0, 0, value, nullptr, nullptr, 0});
    return *this;
  }
  TestNode& SetInts(const char* name, std::vector<int64_t> value) {
    lists_.push_back(std::move(value));
    attributes_.push_back({name, SL_ATTRIBUTE_INTS, 0, 0, nullptr, lists_.back().data(), nullptr,
                           static_cast<int32_t>(lists_.back().size())});
    return *this;
  }

  // As it stands now; what is added later needs another call.
  GraphNode node() {
    node_ = {"n",
             op_type_.c_str(),
             inputs_.data(),
             static_cast<int32_t>(inputs_.size()),
             outputs_.data(),
             static_cast<int32_t>(outputs_.size()),
             attributes_.data(),
             static_cast<int32_t>(attributes_.size())};
    graph_.struct_size = sizeof graph_;
    graph_.values = values_.data();
    graph_.value_count = static_cast<int32_t>(values_.size());
    graph_.nodes = &node_;
    graph_.node_count = 1;
    return {&graph_, &node_};
  }

 private:
  static SlValue Value(const std::vector<int64_t>& dims, SlDataType type) {
    SlValue value{};
    value.name = "v";
    value.data_type = type;
    value.rank = static_cast<int32_t>(dims.size());
    for (size_t i = 0; i < dims.size(); ++i) value.dims[i] = dims[i];
    return value;
  }
  int32_t Add(const SlValue& value) {
    values_.push_back(value);
    return static_cast<int32_t>(values_.size()) - 1;
  }

  std::string op_type_;
  std::vector<SlValue> values_;
  std::deque<std::vector<unsigned char>> data_;
  std::vector<int32_t> inputs_;
  std::vector<int32_t> outputs_;
  std::deque<std::vector<int64_t>> lists_;
  std::vector<SlAttribute> attributes_;
  SlNode node_{};
  SlGraph graph_{};
};

}  // namespace sightline::kit
