#include "src/wire/data_type.h"

#include <algorithm>
#include <iterator>

#include "src/base/check.h"

namespace sightline::wire {
namespace {

struct TypeFacts {
  std::string_view name;
  size_t bytes;
  std::optional<DataType> data_type;
};

// By WireType.
constexpr TypeFacts kTypes[] = {
    {"BOOL", 1, SL_BOOL},         // kBool
    {"UINT8", 1, SL_U8},          // kUint8
    {"UINT16", 2, std::nullopt},  // kUint16
    {"UINT32", 4, std::nullopt},  // kUint32
    {"UINT64", 8, std::nullopt},  // kUint64
    {"INT8", 1, SL_I8},           // kInt8
    {"INT16", 2, std::nullopt},   // kInt16
    {"INT32", 4, SL_I32},         // kInt32
    {"INT64", 8, SL_I64},         // kInt64
    {"FP16", 2, SL_F16},          // kFp16
    {"BF16", 2, SL_BF16},         // kBf16
    {"FP32", 4, SL_F32},          // kFp32
    {"FP64", 8, SL_F64},          // kFp64
    {"BYTES", 0, std::nullopt},   // kBytes
};
static_assert(std::size(kTypes) == static_cast<size_t>(WireType::kBytes) + 1);

const TypeFacts& FactsOf(WireType type) {
  return kTypes[static_cast<size_t>(type)];
}

}  // namespace

std::string_view WireTypeName(WireType type) {
  return FactsOf(type).name;
}

std::optional<WireType> WireTypeFromName(std::string_view name) {
  const auto* facts =
      std::find_if(std::begin(kTypes), std::end(kTypes), [&](const auto& f) { return f.name == name; });
  if (facts == std::end(kTypes)) return std::nullopt;
  return static_cast<WireType>(facts - std::begin(kTypes));
}

size_t WireTypeBytes(WireType type) {
  return FactsOf(type).bytes;
}

std::optional<DataType> ToDataType(WireType type) {
  return FactsOf(type).data_type;
}

WireType ToWireType(DataType type) {
  const auto* facts =
      std::find_if(std::begin(kTypes), std::end(kTypes), [&](const auto& f) { return f.data_type == type; });
  SIGHTLINE_CHECK(facts != std::end(kTypes));
  return static_cast<WireType>(facts - std::begin(kTypes));
}

}  // namespace sightline::wire
