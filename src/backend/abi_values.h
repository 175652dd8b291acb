// Crossing the ABI: C structs of a plugin into the room's own types and back. Private to the room.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

#include "include/sightline/backend_abi.h"
#include "src/backend/backend.h"
#include "src/base/result.h"

namespace sightline::backend {

// Inputs or outputs one engine may have: they are converted on the stack for every run.
constexpr size_t kMaxTensors = 16;

// The part of `from` that lies inside its struct_size, the rest zero: how a younger reader sees an older
// struct.
template <typename T>
T ReadPrefix(const T& from) {
  T read{};
  std::memcpy(&read, &from, std::min<size_t>(from.struct_size, sizeof(T)));
  return read;
}

// A plugin's code and sentence as an Error with "context: " in front. `code` is not SL_OK.
Error ToError(SlStatusCode code, const SlError& error, std::string_view context);

// Errors are faults of the plugin: something required is null or out of range.
Result<BackendInfo> ToBackendInfo(const SlBackendInfo* info);
Result<EngineInfo> ToEngineInfo(const SlEngineInfo* info);

// Tensors as the ABI wants them, on the stack.
class AbiTensors {
 public:
  // Fails where there are more than kMaxTensors, their number is not that of `infos`, or a layout is not the
  // engine's.
  Status Set(std::span<const TensorView> views, std::span<const TensorInfo> infos, std::string_view role);
  // The shapes that a run left here; as many as there are. Fails where one can't have been written.
  Status ReadShapes(std::span<Shape> shapes) const;
  SlTensor* data() { return tensors_.data(); }
  int32_t count() const { return count_; }

 private:
  std::array<SlTensor, kMaxTensors> tensors_;
  int32_t count_ = 0;
};

}  // namespace sightline::backend
