// From a module to a faster one that still computes the same.
//
// LibTorch 1.13's optimize_for_inference is what makes a network fast on a CPU (it keeps pictures in oneDNN's
// blocked order from layer to layer), and is silently wrong for some: on tensors whose channels oneDNN pads
// to a multiple of 16 it computes clamp, hardswish and hardsigmoid on a part of the memory only. So what it
// makes is held to the network as written, on random inputs, and left where the two differ.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "backends/kit/info.h"
#include "backends/kit/status.h"
#include "backends/torch/module.h"
#include "include/sightline/backend_abi.h"

namespace sightline::torch_backend {

enum class Effort {
  kOff,     // the network as written
  kFreeze,  // parameters become constants, and what follows from that
  kFull     // optimize_for_inference as well, where it computes the same
};
// "off", "freeze", "on".
Effort ParseEffort(std::string_view word);

struct GraphRequest {
  const SlGraph* graph = nullptr;
  SlDataType floats = SL_F32;
  Effort optimize = Effort::kFull;
  Placement placement;
};

struct OptimizedGraph {
  Module module;
  std::vector<Layer> layers;
  std::vector<kit::TensorInfo> inputs;
  std::vector<kit::TensorInfo> outputs;
  std::string note;  // what became of the optimization
  int64_t optimize_ns = 0;
};
kit::Result<OptimizedGraph> OptimizeGraph(const GraphRequest& request);

struct OptimizeSettings {
  Effort effort = Effort::kFull;
  SlDataType floats = SL_F32;  // what the module computes in, for how equal values have to be
};

// Optimizes `module` as far as it computes the same as `truth` for inputs like `inputs`.
struct OptimizedModule {
  Module module;
  std::string note;
  bool kept = true;  // false: `module` is what came in, since optimizing it made it wrong or failed
};
OptimizedModule OptimizeChecked(const Module& module, const Module& truth, const OptimizeSettings& settings,
                                std::span<const kit::TensorInfo> inputs);

}  // namespace sightline::torch_backend
