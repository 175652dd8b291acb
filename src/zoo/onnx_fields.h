// Attributes and types of ONNX nodes and values, as the zoo's graphs need them.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>

namespace onnx {
class NodeProto;
class ValueInfoProto;
}  // namespace onnx

namespace sightline::zoo {

void AddAttribute(onnx::NodeProto* node, const char* name, int64_t value);
void AddAttribute(onnx::NodeProto* node, const char* name, float value);
void AddAttribute(onnx::NodeProto* node, const char* name, std::initializer_list<int64_t> values);

// A float tensor whose first dimension is the open batch "N".
void SetType(onnx::ValueInfoProto* info, const std::string& name, std::span<const int64_t> dims_after_batch);

}  // namespace sightline::zoo
