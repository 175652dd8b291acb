#include "backends/tensorflow/core/signature.h"

#include <algorithm>
#include <map>

#include "backends/tensorflow/core/wire.h"

namespace sightline::tensorflow {
namespace {

constexpr uint32_t kMetaGraphSignatures = 5;
constexpr uint32_t kMapKey = 1;
constexpr uint32_t kMapValue = 2;
constexpr uint32_t kSignatureInputs = 1;
constexpr uint32_t kSignatureOutputs = 2;
constexpr uint32_t kTensorName = 1;
constexpr uint32_t kTensorType = 2;
constexpr uint32_t kTensorShape = 3;
constexpr uint32_t kShapeDim = 2;
constexpr uint32_t kShapeUnknownRank = 3;
constexpr uint32_t kDimSize = 1;

constexpr const char* kDefaultSignature = "serving_default";
constexpr const char* kInitSignature = "__saved_model_init_op";  // not for callers

struct MapEntry {
  std::string key;
  std::string_view value;
};

kit::Status Damaged() {
  return kit::InvalidArgument("its signatures are damaged");
}

kit::Result<MapEntry> ReadMapEntry(std::string_view message) {
  MapEntry entry;
  WireReader reader(message);
  WireField field;
  while (reader.Next(field)) {
    if (field.number == kMapKey) entry.key = field.bytes;
    if (field.number == kMapValue) entry.value = field.bytes;
  }
  if (!reader.ok()) return Damaged();
  return entry;
}

kit::Result<std::optional<std::vector<int64_t>>> ReadShape(std::string_view message) {
  std::vector<int64_t> dims;
  WireReader reader(message);
  WireField field;
  while (reader.Next(field)) {
    if (field.number == kShapeUnknownRank && field.varint != 0) return std::optional<std::vector<int64_t>>();
    if (field.number != kShapeDim) continue;
    int64_t size = 0;
    WireReader dim(field.bytes);
    WireField part;
    while (dim.Next(part)) {
      if (part.number == kDimSize) size = static_cast<int64_t>(part.varint);
    }
    dims.push_back(size);
  }
  if (!reader.ok()) return Damaged();
  return std::optional(dims);
}

kit::Result<SignatureTensor> ReadTensor(const MapEntry& entry) {
  SignatureTensor tensor{entry.key, "", 0, std::nullopt};
  WireReader reader(entry.value);
  WireField field;
  while (reader.Next(field)) {
    if (field.number == kTensorName) tensor.tensor = field.bytes;
    if (field.number == kTensorType) tensor.type = static_cast<int>(field.varint);
    if (field.number == kTensorShape) {
      KIT_ASSIGN_OR_RETURN(tensor.dims, ReadShape(field.bytes));
    }
  }
  if (!reader.ok()) return Damaged();
  return tensor;
}

kit::Result<Signature> ReadOne(std::string_view message) {
  Signature signature;
  WireReader reader(message);
  WireField field;
  while (reader.Next(field)) {
    if (field.number != kSignatureInputs && field.number != kSignatureOutputs) continue;
    KIT_ASSIGN_OR_RETURN(const MapEntry entry, ReadMapEntry(field.bytes));
    KIT_ASSIGN_OR_RETURN(const SignatureTensor tensor, ReadTensor(entry));
    (field.number == kSignatureInputs ? signature.inputs : signature.outputs).push_back(tensor);
  }
  if (!reader.ok()) return Damaged();
  // The order of a protobuf map means nothing, so the names decide.
  for (auto* list : {&signature.inputs, &signature.outputs}) {
    std::sort(list->begin(), list->end(),
              [](const SignatureTensor& a, const SignatureTensor& b) { return a.name < b.name; });
  }
  return signature;
}

using Signatures = std::map<std::string, std::string_view>;

kit::Result<Signatures> FindAll(std::string_view meta_graph_def) {
  Signatures signatures;
  WireReader reader(meta_graph_def);
  WireField field;
  while (reader.Next(field)) {
    if (field.number != kMetaGraphSignatures) continue;
    KIT_ASSIGN_OR_RETURN(const MapEntry entry, ReadMapEntry(field.bytes));
    if (entry.key != kInitSignature) signatures[entry.key] = entry.value;
  }
  if (!reader.ok()) return Damaged();
  return signatures;
}

std::string Names(const Signatures& signatures) {
  std::string names;
  for (const auto& [name, message] : signatures) names += (names.empty() ? "" : ", ") + name;
  return names.empty() ? "none" : names;
}

}  // namespace

kit::Result<Signature> ReadSignature(std::string_view meta_graph_def, const std::string& wanted) {
  KIT_ASSIGN_OR_RETURN(const Signatures signatures, FindAll(meta_graph_def));
  auto found = signatures.find(wanted.empty() ? kDefaultSignature : wanted);
  if (found == signatures.end() && wanted.empty() && signatures.size() == 1) found = signatures.begin();
  if (found == signatures.end()) {
    return kit::InvalidArgument("it has no signature '", wanted.empty() ? kDefaultSignature : wanted,
                                "'; choose with --option signature=NAME from: ", Names(signatures));
  }
  return ReadOne(found->second);
}

}  // namespace sightline::tensorflow
