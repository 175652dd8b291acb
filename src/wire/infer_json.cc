#include "src/wire/infer_json.h"

#include <fmt/format.h>

#include <set>
#include <utility>

#include "src/wire/json_elements.h"
#include "src/wire/json_tree.h"

namespace sightline::wire {
namespace {

using Json = nlohmann::json;

Error At(std::string_view path, std::string_view sentence) {
  return {ErrorKind::kInvalidArgument, fmt::format("{}: {}", path, sentence)};
}

std::string Inside(std::string_view path, std::string_view key) {
  return path.empty() ? std::string(key) : fmt::format("{}.{}", path, key);
}

// A string field that may be absent: "" then.
Result<std::string> ReadText(const Json& object, std::string_view key, std::string_view path,
                             const InferLimits& limits) {
  const auto found = object.find(key);
  if (found == object.end()) return std::string();
  if (!found->is_string())
    return At(Inside(path, key), fmt::format("a string expected, found {}", KindOf(*found)));
  auto text = found->get<std::string>();
  if (text.size() <= limits.name_bytes) return text;
  return At(Inside(path, key),
            fmt::format("{} bytes, where at most {} are allowed", text.size(), limits.name_bytes));
}

Result<std::string> ReadName(const Json& object, std::string_view path, const InferLimits& limits) {
  if (!object.contains("name")) return At(Inside(path, "name"), "missing");
  SIGHTLINE_ASSIGN_OR_RETURN(std::string name, ReadText(object, "name", path, limits));
  if (name.empty()) return At(Inside(path, "name"), "empty");
  return name;
}

// The list of tensors; null where it is absent.
Result<const Json*> FindList(const Json& root, std::string_view key, const InferLimits& limits) {
  const auto found = root.find(key);
  if (found == root.end()) return nullptr;
  if (!found->is_array()) return At(key, fmt::format("an array expected, found {}", KindOf(*found)));
  const size_t most = MostTensors(key, limits);
  if (found->size() > most) return At(key, fmt::format("more than the {} allowed", most));
  for (size_t i = 0; i < found->size(); ++i) {
    if ((*found)[i].is_object()) continue;
    return At(fmt::format("{}[{}]", key, i),
              fmt::format("an object expected, found {}", KindOf((*found)[i])));
  }
  return &*found;
}

Result<Parameter> ReadParameter(const Json& value, const std::string& path, const InferLimits& limits) {
  if (value.is_boolean()) return Parameter(value.get<bool>());
  if (value.is_number_float()) return Parameter(value.get<double>());
  if (value.is_number_unsigned() && !std::in_range<int64_t>(value.get<uint64_t>())) {
    return At(path, fmt::format("{} does not fit into a signed 64-bit number", value.get<uint64_t>()));
  }
  if (value.is_number()) return Parameter(value.get<int64_t>());
  if (!value.is_string()) {
    return At(path, fmt::format("a string, number or boolean expected, found {}", KindOf(value)));
  }
  const auto& text = value.get_ref<const std::string&>();
  if (text.size() <= limits.name_bytes) return Parameter(text);
  return At(path, fmt::format("{} bytes, where at most {} are allowed", text.size(), limits.name_bytes));
}

Result<Parameters> ReadParameters(const Json& object, std::string_view path, const InferLimits& limits) {
  Parameters parameters;
  const auto found = object.find("parameters");
  if (found == object.end()) return parameters;
  const std::string place = Inside(path, "parameters");
  if (!found->is_object()) return At(place, fmt::format("an object expected, found {}", KindOf(*found)));
  if (found->size() > limits.parameters) {
    return At(place, fmt::format("{} given, where at most {} are allowed", found->size(), limits.parameters));
  }
  for (const auto& [key, value] : found->items()) {
    const std::string name = Inside(place, Excerpt(key));
    if (key.size() > limits.name_bytes) {
      return At(name, fmt::format("a name of {} bytes, where at most {} are allowed", key.size(),
                                  limits.name_bytes));
    }
    SIGHTLINE_ASSIGN_OR_RETURN(parameters[key], ReadParameter(value, name, limits));
  }
  return parameters;
}

// Takes an extension's parameter out; nullopt where it is not given.
template <typename T>
Result<std::optional<T>> Take(Parameters& parameters, std::string_view key, std::string_view path,
                              std::string_view expected) {
  const auto found = parameters.find(key);
  if (found == parameters.end()) return std::optional<T>();
  T* value = std::get_if<T>(&found->second);
  if (value == nullptr) {
    return At(Inside(Inside(path, "parameters"), key), fmt::format("{} expected", expected));
  }
  std::optional<T> taken(std::move(*value));
  parameters.erase(found);
  return taken;
}

Result<std::optional<uint64_t>> TakeSize(Parameters& parameters, std::string_view key,
                                         std::string_view path) {
  SIGHTLINE_ASSIGN_OR_RETURN(const auto size, Take<int64_t>(parameters, key, path, "a number of bytes"));
  if (!size) return std::optional<uint64_t>();
  if (*size < 0) return At(Inside(Inside(path, "parameters"), key), fmt::format("{} is negative", *size));
  return std::optional<uint64_t>(static_cast<uint64_t>(*size));
}

constexpr std::string_view kRegion = "shared_memory_region";
constexpr std::string_view kRegionBytes = "shared_memory_byte_size";
constexpr std::string_view kRegionOffset = "shared_memory_offset";

Result<std::optional<SharedMemoryPiece>> TakeSharedMemory(Parameters& parameters, std::string_view path) {
  SIGHTLINE_ASSIGN_OR_RETURN(auto region, Take<std::string>(parameters, kRegion, path, "a region's name"));
  SIGHTLINE_ASSIGN_OR_RETURN(const auto bytes, TakeSize(parameters, kRegionBytes, path));
  SIGHTLINE_ASSIGN_OR_RETURN(const auto offset, TakeSize(parameters, kRegionOffset, path));
  const std::string place = Inside(path, "parameters");
  if (!region && !bytes && !offset) return std::optional<SharedMemoryPiece>();
  if (!region)
    return At(Inside(place, kRegion), "missing beside the size or offset of a piece of shared memory");
  if (!bytes) return At(Inside(place, kRegionBytes), "missing beside the region of shared memory");
  if (region->empty()) return At(Inside(place, kRegion), "empty");
  return std::optional(
      SharedMemoryPiece{.region = std::move(*region), .bytes = *bytes, .offset = offset.value_or(0)});
}

// A body, cut where the JSON ends.
struct Body {
  std::string_view json;
  std::span<const std::byte> rest;  // binary tensors not taken yet
};

Result<Body> Split(std::span<const std::byte> body, std::optional<size_t> json_bytes) {
  const size_t size = json_bytes.value_or(body.size());
  if (size > body.size()) {
    return At("Inference-Header-Content-Length",
              fmt::format("{} bytes of JSON, where the body has {} in all", size, body.size()));
  }
  return Body{.json = {reinterpret_cast<const char*>(body.data()), size}, .rest = body.subspan(size)};
}

// Takes the bytes of one binary tensor off the rest of the body.
Status TakeBinary(uint64_t size, InferTensor& tensor, int64_t elements, std::string_view path, Body& body) {
  const std::string place = Inside(path, "parameters.binary_data_size");
  if (size > body.rest.size()) {
    return At(place,
              fmt::format("{} bytes, where {} are left behind the JSON; Inference-Header-Content-Length says "
                          "where the JSON ends",
                          size, body.rest.size()));
  }
  tensor.data = body.rest.first(size);
  tensor.binary = true;
  body.rest = body.rest.subspan(size);
  Status fits = CheckData(tensor.type, elements, tensor.data);
  if (fits.ok()) return fits;
  // "[3]: ..." is about an element, the rest about the size.
  if (fits.error().message().starts_with("[")) {
    return Error(fits.error().kind(), Inside(path, "data") + fits.error().message());
  }
  return fits.error().WithContext(place);
}

// Everything of a tensor but where its data is.
Result<InferTensor> ReadHead(const Json& json, const std::string& path, const InferLimits& limits) {
  InferTensor tensor;
  SIGHTLINE_ASSIGN_OR_RETURN(tensor.name, ReadName(json, path, limits));
  const auto type = ReadDataType(json);
  if (!type.ok()) return Error(type.error().kind(), Inside(path, type.error().message()));
  tensor.type = *type;
  auto shape = ReadShape(json, limits);
  if (!shape.ok()) return Error(shape.error().kind(), Inside(path, shape.error().message()));
  tensor.shape = std::move(*shape);
  SIGHTLINE_ASSIGN_OR_RETURN(tensor.parameters, ReadParameters(json, path, limits));
  SIGHTLINE_ASSIGN_OR_RETURN(tensor.shared_memory, TakeSharedMemory(tensor.parameters, path));
  return tensor;
}

// A tensor with its data: from the JSON, from behind it, or in shared memory.
Result<InferTensor> ReadTensor(const Json& json, const std::string& path, const InferLimits& limits,
                               std::vector<std::vector<std::byte>>& elements, Body& body,
                               std::vector<std::vector<std::byte>>& storage) {
  SIGHTLINE_ASSIGN_OR_RETURN(InferTensor tensor, ReadHead(json, path, limits));
  const auto count = CheckedElements(tensor.type, tensor.shape, limits.tensor_bytes);
  if (!count.ok()) return count.error().WithContext(Inside(path, "shape"));
  SIGHTLINE_ASSIGN_OR_RETURN(const auto binary_size, TakeSize(tensor.parameters, "binary_data_size", path));
  const auto data = json.find("data");
  const bool in_json = data != json.end();
  if (int{in_json} + int{binary_size.has_value()} + int{tensor.shared_memory.has_value()} > 1) {
    return At(Inside(path, "data"),
              "given twice: one of data, binary_data_size and shared_memory_region is allowed");
  }
  if (binary_size) {
    if (*binary_size > limits.tensor_bytes) {
      return At(Inside(path, "parameters.binary_data_size"),
                fmt::format("{} bytes, where at most {} are allowed", *binary_size, limits.tensor_bytes));
    }
    SIGHTLINE_RETURN_IF_ERROR(TakeBinary(*binary_size, tensor, *count, path, body));
  } else if (in_json) {
    tensor.data = storage.emplace_back(std::move(elements[data->get<size_t>()]));
  } else if (!tensor.shared_memory) {
    return At(Inside(path, "data"),
              "missing; give data, or the parameter binary_data_size or shared_memory_region");
  }
  return tensor;
}

using Names = std::set<std::string, std::less<>>;

// A name may stand in a list once.
Status AddName(const std::string& name, std::string_view path, Names& names) {
  if (names.insert(name).second) return OkStatus();
  return At(Inside(path, "name"), fmt::format("\"{}\" is given twice", Excerpt(name)));
}

// All tensors of a list, which use up the body.
Result<std::vector<InferTensor>> ReadTensors(const Json& list, std::string_view key,
                                             const InferLimits& limits,
                                             std::vector<std::vector<std::byte>>& elements, Body& body,
                                             std::vector<std::vector<std::byte>>& storage) {
  std::vector<InferTensor> tensors;
  Names names;
  tensors.reserve(list.size());
  for (size_t i = 0; i < list.size(); ++i) {
    const std::string path = fmt::format("{}[{}]", key, i);
    SIGHTLINE_ASSIGN_OR_RETURN(InferTensor tensor,
                               ReadTensor(list[i], path, limits, elements, body, storage));
    tensors.push_back(std::move(tensor));
    SIGHTLINE_RETURN_IF_ERROR(AddName(tensors.back().name, path, names));
  }
  if (!body.rest.empty()) {
    return At("body",
              fmt::format("{} bytes are left over behind the {} that are binary", body.rest.size(), key));
  }
  return tensors;
}

Result<RequestedOutput> ReadRequestedOutput(const Json& json, const std::string& path, bool binary,
                                            const InferLimits& limits) {
  RequestedOutput output;
  SIGHTLINE_ASSIGN_OR_RETURN(output.name, ReadName(json, path, limits));
  SIGHTLINE_ASSIGN_OR_RETURN(output.parameters, ReadParameters(json, path, limits));
  SIGHTLINE_ASSIGN_OR_RETURN(output.shared_memory, TakeSharedMemory(output.parameters, path));
  SIGHTLINE_ASSIGN_OR_RETURN(const auto own,
                             Take<bool>(output.parameters, "binary_data", path, "true or false"));
  output.binary = own.value_or(binary);
  return output;
}

Status ReadRequestedOutputs(const Json& root, const InferLimits& limits, InferRequest& request) {
  SIGHTLINE_ASSIGN_OR_RETURN(const Json* list, FindList(root, "outputs", limits));
  if (list == nullptr) return OkStatus();
  Names names;
  for (size_t i = 0; i < list->size(); ++i) {
    const std::string path = fmt::format("outputs[{}]", i);
    SIGHTLINE_ASSIGN_OR_RETURN(RequestedOutput output,
                               ReadRequestedOutput((*list)[i], path, request.binary_outputs, limits));
    SIGHTLINE_RETURN_IF_ERROR(AddName(output.name, path, names));
    request.outputs.push_back(std::move(output));
  }
  return OkStatus();
}

}  // namespace

Result<InferRequest> ParseInferRequest(std::span<const std::byte> body, std::optional<size_t> json_bytes,
                                       const InferLimits& limits) {
  SIGHTLINE_ASSIGN_OR_RETURN(Body parts, Split(body, json_bytes));
  SIGHTLINE_ASSIGN_OR_RETURN(JsonTree tree, ReadJsonTree(parts.json, "inputs", limits));
  InferRequest request;
  SIGHTLINE_ASSIGN_OR_RETURN(request.id, ReadText(tree.root, "id", "", limits));
  SIGHTLINE_ASSIGN_OR_RETURN(request.parameters, ReadParameters(tree.root, "", limits));
  SIGHTLINE_ASSIGN_OR_RETURN(const auto binary,
                             Take<bool>(request.parameters, "binary_data_output", "", "true or false"));
  request.binary_outputs = binary.value_or(false);
  SIGHTLINE_RETURN_IF_ERROR(ReadRequestedOutputs(tree.root, limits, request));
  SIGHTLINE_ASSIGN_OR_RETURN(const Json* inputs, FindList(tree.root, "inputs", limits));
  if (inputs == nullptr) return At("inputs", "missing");
  if (inputs->empty()) return At("inputs", "empty");
  SIGHTLINE_ASSIGN_OR_RETURN(request.inputs,
                             ReadTensors(*inputs, "inputs", limits, tree.elements, parts, request.storage));
  return request;
}

Result<ParsedInferResponse> ParseInferResponse(std::span<const std::byte> body,
                                               std::optional<size_t> json_bytes, const InferLimits& limits) {
  SIGHTLINE_ASSIGN_OR_RETURN(Body parts, Split(body, json_bytes));
  SIGHTLINE_ASSIGN_OR_RETURN(JsonTree tree, ReadJsonTree(parts.json, "outputs", limits));
  if (const auto error = tree.root.find("error"); error != tree.root.end() && error->is_string()) {
    return Error(ErrorKind::kUnavailable, "the server answers: " + error->get<std::string>());
  }
  ParsedInferResponse parsed;
  InferResponse& response = parsed.response;
  SIGHTLINE_ASSIGN_OR_RETURN(response.model_name, ReadText(tree.root, "model_name", "", limits));
  SIGHTLINE_ASSIGN_OR_RETURN(response.model_version, ReadText(tree.root, "model_version", "", limits));
  SIGHTLINE_ASSIGN_OR_RETURN(response.id, ReadText(tree.root, "id", "", limits));
  SIGHTLINE_ASSIGN_OR_RETURN(response.parameters, ReadParameters(tree.root, "", limits));
  SIGHTLINE_ASSIGN_OR_RETURN(const Json* outputs, FindList(tree.root, "outputs", limits));
  if (outputs == nullptr) return At("outputs", "missing");
  SIGHTLINE_ASSIGN_OR_RETURN(response.outputs,
                             ReadTensors(*outputs, "outputs", limits, tree.elements, parts, parsed.storage));
  return parsed;
}

}  // namespace sightline::wire
