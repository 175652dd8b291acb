#include "backends/onnxruntime/runner.h"

#include <utility>

namespace sightline::onnxruntime {
namespace {

std::vector<const char*> NamesOf(const std::vector<kit::TensorInfo>& infos) {
  std::vector<const char*> names;
  for (const kit::TensorInfo& info : infos) names.push_back(info.name.c_str());
  return names;
}

}  // namespace

kit::Result<Runner> Runner::Make(const kit::EngineInfo& info) {
  OrtMemoryInfo* memory = nullptr;
  ORT_RETURN_IF_ERROR(Api().CreateCpuMemoryInfo(OrtDeviceAllocator, OrtMemTypeDefault, &memory));
  MemoryInfoPtr memory_owner(memory);
  OrtRunOptions* options = nullptr;
  ORT_RETURN_IF_ERROR(Api().CreateRunOptions(&options));
  return Runner(info, std::move(memory_owner), RunOptionsPtr(options));
}

Runner::Runner(const kit::EngineInfo& info, MemoryInfoPtr memory, RunOptionsPtr options)
    : input_names_(NamesOf(info.inputs)),
      output_names_(NamesOf(info.outputs)),
      inputs_(info.inputs),
      outputs_(info.outputs),
      memory_(std::move(memory)),
      options_(std::move(options)) {}

kit::Status Runner::Run(OrtSession* session, kit::Inputs inputs, kit::Outputs outputs,
                        kit::SpanRecorder& spans, const IsCancelled& cancelled) {
  {
    const kit::ScopedSpan span(spans, SL_SUB_STAGE_BIND);
    KIT_RETURN_IF_ERROR(inputs_.BindInputs(inputs, memory_.get()));
    KIT_RETURN_IF_ERROR(outputs_.BindOutputs(outputs, memory_.get()));
  }
  {
    const kit::ScopedSpan span(spans, SL_SUB_STAGE_COMPUTE);
    if (kit::Status status = Compute(session, cancelled); !status.ok()) {
      outputs_.DropAllocated();
      return status;
    }
  }
  if (!outputs_.any_dynamic()) return kit::Ok();
  const kit::ScopedSpan span(spans, SL_SUB_STAGE_COLLECT);
  return outputs_.Collect(outputs);
}

kit::Status Runner::Compute(OrtSession* session, const IsCancelled& cancelled) {
  // A run that was terminated leaves the flag set. Asked for after that, so that a cancel in between counts.
  ORT_RETURN_IF_ERROR(Api().RunOptionsUnsetTerminate(options_.get()));
  if (cancelled()) return kit::Cancelled();
  kit::Status status =
      ToStatus(Api().Run(session, options_.get(), input_names_.data(), inputs_.data(), inputs_.size(),
                         output_names_.data(), output_names_.size(), outputs_.data()));
  return !status.ok() && cancelled() ? kit::Cancelled() : status;
}

void Runner::Terminate() {
  if (OrtStatus* const failed = Api().RunOptionsSetTerminate(options_.get()); failed != nullptr) {
    Api().ReleaseStatus(failed);  // then the run ends by itself
  }
}

}  // namespace sightline::onnxruntime
