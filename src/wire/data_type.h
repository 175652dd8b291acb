// Element types of the Open Inference Protocol (KServe v2), by the names it sends.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "src/flow/tensor.h"

namespace sightline::wire {

enum class WireType : uint8_t {
  kBool,
  kUint8,
  kUint16,
  kUint32,
  kUint64,
  kInt8,
  kInt16,
  kInt32,
  kInt64,
  kFp16,
  kBf16,
  kFp32,
  kFp64,
  kBytes,  // elements of any length: each four bytes of little-endian length, then as many bytes
};

std::string_view WireTypeName(WireType type);  // "FP32", "BYTES"
std::optional<WireType> WireTypeFromName(std::string_view name);
// Of one element; 0 for kBytes.
size_t WireTypeBytes(WireType type);
// nullopt: no backend computes with such elements.
std::optional<DataType> ToDataType(WireType type);
WireType ToWireType(DataType type);

}  // namespace sightline::wire
