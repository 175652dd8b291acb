// Running modules.
#include <torch/csrc/jit/runtime/script_profile.h>
#include <torch/cuda.h>

#include <cstring>
#include <mutex>

#include "backends/kit/spans.h"
#include "backends/torch/module.h"
#include "backends/torch/module_state.h"

namespace sightline::torch_backend {
namespace {

// The caller's memory as a tensor; a channels-last picture under the names its dimensions have in PyTorch.
at::Tensor View(const SlTensor& tensor, SlLayout layout) {
  const auto options = at::TensorOptions().dtype(ToScalarType(tensor.data_type));
  const at::IntArrayRef dims(tensor.dims, static_cast<size_t>(tensor.rank));
  const at::Tensor view = at::from_blob(tensor.data, dims, options);
  return layout == SL_LAYOUT_NHWC ? view.permute({0, 3, 1, 2}) : view;
}

// Writes `result` to where the caller wants it, with its dims where the data decides them.
kit::Status Collect(const at::Tensor& result, SlTensor& wanted, size_t index) {
  const at::Tensor dense = result.is_mkldnn() ? result.to_dense() : result;
  const kit::Result<SlDataType> type = FromScalarType(dense.scalar_type());
  if (!type.ok() || *type != wanted.data_type || dense.dim() > SL_MAX_RANK) {
    return kit::Internal("LibTorch gave output ", index, " as ", c10::toString(dense.scalar_type()),
                         " of rank ", dense.dim(), ", not as ", kit::DataTypeName(wanted.data_type));
  }
  if (dense.nbytes() > wanted.bytes) {
    return kit::ResourceExhausted("output ", index, " has ", wanted.bytes, " bytes of memory and needs ",
                                  dense.nbytes());
  }
  wanted.rank = static_cast<int32_t>(dense.dim());
  for (int64_t d = 0; d < dense.dim(); ++d) wanted.dims[d] = dense.size(d);
  View(wanted, SL_LAYOUT_PLAIN).copy_(dense);
  return kit::Ok();
}

// One run step by step, each under the stamp it belongs to.
class Execution {
 public:
  Execution(const torch::jit::Module& module, const at::Device& device, kit::SpanRecorder& spans)
      : module_(module), device_(device), spans_(spans) {}

  void Bind(kit::Inputs inputs, std::span<const kit::TensorInfo> infos) {
    const kit::ScopedSpan span(spans_, SL_SUB_STAGE_BIND);
    for (size_t i = 0; i < inputs.size(); ++i) bound_.emplace_back(View(inputs[i], infos[i].layout));
  }
  void MoveToDevice() {
    if (device_.is_cpu()) return;
    const kit::ScopedSpan span(spans_, SL_SUB_STAGE_HOST_TO_DEVICE);
    for (c10::IValue& input : bound_) input = input.toTensor().to(device_);
    torch::cuda::synchronize(device_.index());
  }
  void Compute() {
    const kit::ScopedSpan span(spans_, SL_SUB_STAGE_COMPUTE);
    result_ = module_.forward(std::move(bound_));
    if (!device_.is_cpu()) torch::cuda::synchronize(device_.index());
  }
  kit::Status Finish(kit::Outputs outputs) {
    const kit::ScopedSpan span(spans_, device_.is_cpu() ? SL_SUB_STAGE_COLLECT : SL_SUB_STAGE_DEVICE_TO_HOST);
    KIT_ASSIGN_OR_RETURN(const NamedTensors tensors, Flatten(result_));
    if (tensors.size() != outputs.size()) {
      return kit::Internal("LibTorch gave ", tensors.size(), " outputs, not ", outputs.size());
    }
    for (size_t i = 0; i < outputs.size(); ++i) {
      KIT_RETURN_IF_ERROR(Collect(tensors[i].second, outputs[i], i));
    }
    return kit::Ok();
  }

 private:
  torch::jit::Module module_;  // a handle
  at::Device device_;
  kit::SpanRecorder& spans_;
  std::vector<c10::IValue> bound_;
  c10::IValue result_;
};

const Layer* LayerOfLine(std::span<const Layer> layers, int64_t line) {
  for (const Layer& layer : layers) {
    if (layer.first_line <= line && line <= layer.last_line) return &layer;
  }
  return nullptr;
}

}  // namespace

kit::Status Module::Run(kit::Inputs inputs, kit::Outputs outputs,
                        std::span<const kit::TensorInfo> input_infos, kit::SpanRecorder& spans) const {
  const c10::InferenceMode inference;
  UseThreads(state_->placement.threads);
  Execution execution(state_->module, state_->device(), spans);
  kit::Status finished;
  KIT_RETURN_IF_ERROR(Guarded("LibTorch", [&] {
    execution.Bind(inputs, input_infos);
    execution.MoveToDevice();
    execution.Compute();
    finished = execution.Finish(outputs);
  }));
  return finished;
}

kit::Status Module::Profile(kit::Inputs inputs, kit::Outputs outputs,
                            std::span<const kit::TensorInfo> input_infos, std::span<const Layer> layers,
                            const kit::LayerSink& sink) const {
  static std::mutex one_at_a_time;
  const std::lock_guard lock(one_at_a_time);
  torch::jit::ScriptProfile profile;
  kit::SpanRecorder nowhere(nullptr);
  profile.enable();
  const kit::Status status = Run(inputs, outputs, input_infos, nowhere);
  profile.disable();
  KIT_RETURN_IF_ERROR(status);
  for (const auto& [source, lines] : profile.dumpStats()) {
    for (const auto& [line, stats] : lines) {
      const Layer* layer = LayerOfLine(layers, line);
      sink({layer == nullptr ? "line " + std::to_string(line) : layer->name,
            layer == nullptr ? "?" : layer->type, stats.duration.count(), 0, static_cast<int>(stats.count)});
    }
  }
  return kit::Ok();
}

}  // namespace sightline::torch_backend
