// From ONNX to a serialized engine, or the one that was built before.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "backends/kit/kit.h"
#include "backends/tensorrt/choices.h"

namespace sightline::tensorrt {

struct BuiltEngine {
  std::vector<std::byte> plan;
  bool from_cache = false;
  int64_t build_ns = 0;  // 0 from the cache
};

// Takes minutes where nothing fitting is in the cache. `info` has the inputs and outputs the network is to
// have.
kit::Result<BuiltEngine> BuildOrFind(std::span<const std::byte> onnx, const kit::EngineInfo& info,
                                     const Choices& choices);

}  // namespace sightline::tensorrt
