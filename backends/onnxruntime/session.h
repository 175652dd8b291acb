// Sessions: a model loaded by ONNX Runtime with everything a user may choose.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "backends/kit/kit.h"
#include "backends/onnxruntime/ort.h"

namespace sightline::onnxruntime {

struct SessionSettings {
  int intra_threads = 0;  // 0: ONNX Runtime's own choice
  int inter_threads = 1;  // above 1: operators run side by side
  std::string optimization = "all";
  bool spinning = true;
  int gpu = -1;                   // -1: CPU
  std::string tensorrt = "off";   // precision of the TensorRT provider; on a GPU only
  std::filesystem::path save_to;  // where the optimized model is written; empty: nowhere
};

// Of options that the kit has checked. The error names options that don't go together.
kit::Result<SessionSettings> ReadSettings(const kit::EngineOptions& options);

// Where sessions get the model from; holds ONNX bytes of its own where they are needed again.
struct ModelData {
  std::vector<std::byte> onnx;
  std::filesystem::path path;  // where `onnx` is empty
};

// Loads `model`, blocking. With `profile_prefix`, every run is timed by layer, into a file whose name begins
// so. Several sessions may be opened at once.
kit::Result<SessionPtr> OpenSession(const kit::Model& model, const SessionSettings& settings);
kit::Result<SessionPtr> OpenSession(const ModelData& model, const SessionSettings& settings,
                                    const std::string& profile_prefix = "");

}  // namespace sightline::onnxruntime
