// What an engine is built as: the options of the user, with what TensorRT's version and the model allow.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "backends/kit/kit.h"
#include "backends/tensorrt/engine_cache.h"
#include "backends/tensorrt/versions.h"

namespace sightline::tensorrt {

struct Choices {
  int gpu = 0;
  bool fp16 = false;  // the builder may choose fp16 per layer
  bool int8 = false;  // the model quantizes: the builder must know where the version asks for it
  bool cuda_graph = false;
  int optimization = 3;  // TensorRT's builder optimization level, 0 to 5
  int workspace_mb = 0;  // 0: TensorRT's own choice
  int max_batch = 1;
  bool profile = false;
  std::filesystem::path cache;

  SlDataType precision_run = SL_F32;
  std::string precision_note;
};

std::vector<kit::OptionInfo> Options();
// Precisions a user may ask for: fp32, and fp16 where the builder has a flag for it.
uint32_t Precisions(const Version& version);

// Of options the kit has checked, for `graph`, the network to be built; null where its types are not known.
Choices Choose(const kit::EngineOptions& options, const SlGraph* graph, const Version& version);

// What an engine built so depends on besides the machine: the model by the hash of its bytes, batches,
// precision and the builder's settings.
Facts FactsOf(const Choices& choices, std::span<const std::byte> onnx);

}  // namespace sightline::tensorrt
