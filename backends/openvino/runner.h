// One infer request, run on the caller's own memory.
#pragma once

#include <functional>
#include <openvino/runtime/compiled_model.hpp>
#include <openvino/runtime/infer_request.hpp>
#include <vector>

#include "backends/kit/kit.h"
#include "backends/openvino/describe.h"

namespace sightline::openvino_backend {

// One run at a time; Cancel from any thread.
class Runner {
 public:
  // `description` outlives it. May throw what OpenVINO throws.
  Runner(ov::CompiledModel& model, const Description& description);

  // Binds, runs and waits. `cancelled` is asked once the run has begun, so that a cancel that came before is
  // not lost.
  kit::Status Run(kit::Inputs inputs, kit::Outputs outputs, kit::SpanRecorder& spans,
                  const std::function<bool()>& cancelled);
  void Cancel();
  // Of the last run; the model was compiled for profiling.
  std::vector<ov::ProfilingInfo> Profile() const { return request_.get_profiling_info(); }

 private:
  // A tensor of the caller's as it was bound last: binding anew costs allocations.
  struct Bound {
    const void* data = nullptr;
    ov::Shape shape;
  };
  void Bind(kit::Inputs inputs, kit::Outputs outputs);
  kit::Status Collect(kit::Outputs outputs);

  const Description& description_;
  ov::InferRequest request_;
  std::vector<Bound> inputs_;
  std::vector<Bound> outputs_;
};

}  // namespace sightline::openvino_backend
