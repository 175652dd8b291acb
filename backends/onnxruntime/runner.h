// Runs a session on the tensors of the host.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "backends/kit/kit.h"
#include "backends/onnxruntime/ort.h"
#include "backends/onnxruntime/values.h"

namespace sightline::onnxruntime {

using IsCancelled = std::function<bool()>;

// What one instance needs to run sessions of one model. One run at a time; only Terminate may come meanwhile.
class Runner {
 public:
  // `info` outlives the runner.
  static kit::Result<Runner> Make(const kit::EngineInfo& info);

  // One inference of `session`, whose inputs and outputs are those of `info`.
  kit::Status Run(OrtSession* session, kit::Inputs inputs, kit::Outputs outputs, kit::SpanRecorder& spans,
                  const IsCancelled& cancelled);
  // Asks the run in flight to end. Any thread.
  void Terminate();

 private:
  Runner(const kit::EngineInfo& info, MemoryInfoPtr memory, RunOptionsPtr options);
  kit::Status Compute(OrtSession* session, const IsCancelled& cancelled);

  std::vector<const char*> input_names_;
  std::vector<const char*> output_names_;
  Values inputs_;
  Values outputs_;
  MemoryInfoPtr memory_;
  RunOptionsPtr options_;
};

}  // namespace sightline::onnxruntime
