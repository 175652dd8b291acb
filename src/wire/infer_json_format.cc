// Messages of infer_json.h as they are sent.
#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>
#include <nlohmann/json.hpp>
#include <utility>

#include "src/wire/infer_json.h"
#include "src/wire/wrong.h"

namespace sightline::wire {
namespace {

using Json = nlohmann::ordered_json;  // fields in the order they are put

// Bytes that are no UTF-8 (of a name in a URL, say) are replaced.
std::string Dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

template <typename T>
T Load(const std::byte* from) {
  T value;
  std::memcpy(&value, from, sizeof(T));
  return value;
}

// The shortest text that reads back to the same bits. Always with a point or an exponent: readers take "-0"
// for a whole number, which has no sign.
template <typename T>
bool AppendFloat(T value, std::string& text) {
  if (!std::isfinite(value)) return false;
  char digits[std::numeric_limits<T>::max_digits10 + 16];
  const char* end = std::to_chars(std::begin(digits), std::end(digits), value).ptr;
  const std::string_view written(digits, static_cast<size_t>(end - digits));
  text += written;
  if (written.find_first_of(".e") == std::string_view::npos) text += ".0";
  return true;
}

template <typename T>
void AppendElements(std::span<const std::byte> data, std::string& text) {
  for (size_t at = 0; at < data.size(); at += sizeof(T)) {
    if (at > 0) text += ',';
    text += fmt::format_int(Load<T>(data.data() + at)).c_str();
  }
}

template <typename T>
Status AppendFloats(std::span<const std::byte> data, std::string& text) {
  for (size_t at = 0; at < data.size(); at += sizeof(T)) {
    if (at > 0) text += ',';
    const T value = Load<T>(data.data() + at);
    if (AppendFloat(value, text)) continue;
    return Wrong(fmt::format("data[{}]: {} has no JSON; ask for the tensor binary (binary_data)",
                             at / sizeof(T), value));
  }
  return OkStatus();
}

void AppendBools(std::span<const std::byte> data, std::string& text) {
  for (size_t i = 0; i < data.size(); ++i) {
    if (i > 0) text += ',';
    text += data[i] == std::byte{0} ? "false" : "true";
  }
}

Status AppendTexts(std::span<const std::byte> data, std::string& text) {
  for (size_t i = 0; !data.empty(); ++i) {
    if (i > 0) text += ',';
    const auto length = Load<uint32_t>(data.data());
    data = data.subspan(sizeof(length));
    const Json element = std::string(reinterpret_cast<const char*>(data.data()), length);
    try {
      text += element.dump();
    } catch (const Json::type_error&) {
      return Wrong(fmt::format(
          "data[{}]: it is no UTF-8 and has no JSON; ask for the tensor binary (binary_data)", i));
    }
    data = data.subspan(length);
  }
  return OkStatus();
}

// The elements as they stand between the brackets.
Status AppendData(WireType type, std::span<const std::byte> data, std::string& text) {
  switch (type) {
    case WireType::kBool:
      return AppendBools(data, text), OkStatus();
    case WireType::kUint8:
      return AppendElements<uint8_t>(data, text), OkStatus();
    case WireType::kUint16:
      return AppendElements<uint16_t>(data, text), OkStatus();
    case WireType::kUint32:
      return AppendElements<uint32_t>(data, text), OkStatus();
    case WireType::kUint64:
      return AppendElements<uint64_t>(data, text), OkStatus();
    case WireType::kInt8:
      return AppendElements<int8_t>(data, text), OkStatus();
    case WireType::kInt16:
      return AppendElements<int16_t>(data, text), OkStatus();
    case WireType::kInt32:
      return AppendElements<int32_t>(data, text), OkStatus();
    case WireType::kInt64:
      return AppendElements<int64_t>(data, text), OkStatus();
    case WireType::kFp32:
      return AppendFloats<float>(data, text);
    case WireType::kFp64:
      return AppendFloats<double>(data, text);
    case WireType::kBytes:
      return AppendTexts(data, text);
    case WireType::kFp16:
    case WireType::kBf16:
      break;
  }
  return Wrong(fmt::format("{} has no JSON", WireTypeName(type)));
}

Result<Json> FormatParameters(const Parameters& parameters) {
  Json json = Json::object();
  for (const auto& [name, parameter] : parameters) {
    if (const double* value = std::get_if<double>(&parameter); value != nullptr && !std::isfinite(*value)) {
      return Wrong(fmt::format("parameters.{}: {} has no JSON", name, *value));
    }
    Json& field = json[name];
    std::visit([&field](const auto& value) { field = value; }, parameter);
  }
  return json;
}

void AddSharedMemory(const std::optional<SharedMemoryPiece>& piece, Json& parameters) {
  if (!piece) return;
  parameters["shared_memory_region"] = piece->region;
  parameters["shared_memory_byte_size"] = piece->bytes;
  if (piece->offset != 0) parameters["shared_memory_offset"] = piece->offset;
}

void AddParameters(Json parameters, Json& json) {
  if (!parameters.empty()) json["parameters"] = std::move(parameters);
}

// An object without its last brace, so that more can follow.
std::string Open(const Json& object) {
  std::string text = Dump(object);
  text.pop_back();
  return text;
}

// A body being put together.
struct Parts {
  std::string json;
  std::string binary;
  bool has_binary = false;  // even if of no bytes
};

// One tensor's object, and its data where it goes.
Status AppendTensor(const InferTensor& tensor, Parts& parts) {
  const auto elements = CheckedElements(tensor.type, tensor.shape, std::numeric_limits<size_t>::max());
  if (!elements.ok()) return elements.error().WithContext("shape");
  Json json = {{"name", tensor.name}, {"datatype", WireTypeName(tensor.type)}, {"shape", tensor.shape}};
  SIGHTLINE_ASSIGN_OR_RETURN(Json parameters, FormatParameters(tensor.parameters));
  AddSharedMemory(tensor.shared_memory, parameters);
  if (tensor.shared_memory) {
    AddParameters(std::move(parameters), json);
    parts.json += Dump(json);
    return OkStatus();
  }
  const Status fits = CheckData(tensor.type, *elements, tensor.data);
  if (!fits.ok()) return fits.error().WithContext("data");
  if (tensor.binary || tensor.type == WireType::kFp16 || tensor.type == WireType::kBf16) {
    parameters["binary_data_size"] = tensor.data.size();
    AddParameters(std::move(parameters), json);
    parts.json += Dump(json);
    parts.has_binary = true;
    parts.binary.append(reinterpret_cast<const char*>(tensor.data.data()), tensor.data.size());
    return OkStatus();
  }
  AddParameters(std::move(parameters), json);
  parts.json += Open(json) + ",\"data\":[";
  SIGHTLINE_RETURN_IF_ERROR(AppendData(tensor.type, tensor.data, parts.json));
  parts.json += "]}";
  return OkStatus();
}

Status AppendTensors(std::string_view key, const std::vector<InferTensor>& tensors, Parts& parts) {
  parts.json += fmt::format("\"{}\":[", key);
  for (size_t i = 0; i < tensors.size(); ++i) {
    if (i > 0) parts.json += ',';
    const Status appended = AppendTensor(tensors[i], parts);
    if (!appended.ok()) {
      return appended.error().WithContext(fmt::format("{}[{}] \"{}\"", key, i, tensors[i].name));
    }
  }
  parts.json += ']';
  return OkStatus();
}

// `head` with the tensors behind its own fields, and the binary ones behind all.
Result<InferResponseBody> FormatBody(const Json& head, std::string_view key,
                                     const std::vector<InferTensor>& tensors) {
  Parts parts{.json = Open(head)};
  if (!head.empty()) parts.json += ',';
  SIGHTLINE_RETURN_IF_ERROR(AppendTensors(key, tensors, parts));
  parts.json += '}';
  InferResponseBody body{.body = std::move(parts.json), .json_bytes = std::nullopt};
  if (parts.has_binary) body.json_bytes = body.body.size();
  body.body += parts.binary;
  return body;
}

Result<Json> FormatRequestedOutput(const RequestedOutput& output, bool binary_outputs) {
  Json json = {{"name", output.name}};
  SIGHTLINE_ASSIGN_OR_RETURN(Json parameters, FormatParameters(output.parameters));
  AddSharedMemory(output.shared_memory, parameters);
  if (output.binary != binary_outputs) parameters["binary_data"] = output.binary;
  AddParameters(std::move(parameters), json);
  return json;
}

}  // namespace

Result<InferResponseBody> FormatInferResponse(const InferResponse& response) {
  Json head = {{"model_name", response.model_name}};
  if (!response.model_version.empty()) head["model_version"] = response.model_version;
  if (!response.id.empty()) head["id"] = response.id;
  SIGHTLINE_ASSIGN_OR_RETURN(Json parameters, FormatParameters(response.parameters));
  AddParameters(std::move(parameters), head);
  return FormatBody(head, "outputs", response.outputs);
}

Result<InferResponseBody> FormatInferRequest(const InferRequest& request) {
  Json head = Json::object();
  if (!request.id.empty()) head["id"] = request.id;
  SIGHTLINE_ASSIGN_OR_RETURN(Json parameters, FormatParameters(request.parameters));
  if (request.binary_outputs) parameters["binary_data_output"] = true;
  AddParameters(std::move(parameters), head);
  for (const RequestedOutput& output : request.outputs) {
    SIGHTLINE_ASSIGN_OR_RETURN(Json json, FormatRequestedOutput(output, request.binary_outputs));
    head["outputs"].push_back(std::move(json));
  }
  return FormatBody(head, "inputs", request.inputs);
}

std::string FormatError(std::string_view message) {
  return Dump(Json{{"error", message}});
}

}  // namespace sightline::wire
