// Times by layer. ONNX Runtime writes them when a session ends, so each profile has a session of its own,
// which runs once to warm up and once to be timed.
#pragma once

#include "backends/kit/kit.h"
#include "backends/onnxruntime/runner.h"
#include "backends/onnxruntime/session.h"

namespace sightline::onnxruntime {

// Thread-safe.
class Profiler {
 public:
  // Both outlive the profiler.
  Profiler(const ModelData& model, const SessionSettings& settings) : model_(model), settings_(settings) {}

  // As kit::Instance::Profile, with `runner` of the instance that was asked.
  kit::Status Profile(Runner& runner, kit::Inputs inputs, kit::Outputs outputs, const kit::LayerSink& sink,
                      const IsCancelled& cancelled) const;

 private:
  const ModelData& model_;
  const SessionSettings& settings_;
};

}  // namespace sightline::onnxruntime
