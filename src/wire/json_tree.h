// The JSON of an inference request or response: a small tree of its fields, and apart from it the elements of
// its tensors, which can be many and never become a tree.
#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string_view>
#include <vector>

#include "src/base/result.h"
#include "src/wire/infer_json.h"

namespace sightline::wire {

struct JsonTree {
  nlohmann::json root;  // an object
  // By what stands in a tensor's `data` in the tree: an index.
  std::vector<std::vector<std::byte>> elements;
};

// `tensors`: which field of the root holds the tensors, "inputs" or "outputs". Keys may come in any order: a
// text whose `data` stand in front of a `shape` or `datatype` is read twice. Bounded by `limits` in depth and
// in the number of values outside of data. Fails (kInvalidArgument) with path and what is wrong: no JSON, no
// UTF-8, a key given twice, an element that does not fit.
Result<JsonTree> ReadJsonTree(std::string_view text, std::string_view tensors, const InferLimits& limits);

// Datatype and shape of a tensor in the tree; the errors begin with the field.
Result<WireType> ReadDataType(const nlohmann::json& tensor);
Result<std::vector<int64_t>> ReadShape(const nlohmann::json& tensor, const InferLimits& limits);

// How many tensors, or outputs asked for, the list "inputs" or "outputs" may have.
size_t MostTensors(std::string_view tensors, const InferLimits& limits);

// "a string", "an object": what a value is, in messages.
std::string_view KindOf(const nlohmann::json& value);

}  // namespace sightline::wire
