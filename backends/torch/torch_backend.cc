// LibTorch behind the backend ABI: ONNX networks as TorchScript written here, and TorchScript files.
#include <memory>
#include <string>
#include <vector>

#include "backends/kit/kit.h"
#include "backends/torch/engine.h"
#include "backends/torch/module.h"

namespace sightline::torch_backend {
namespace {

constexpr int kMaxOnnxOpset = 17;

// oneDNN emulates bf16 on CPUs without these instructions, which is not what was asked for.
bool CpuHasBf16() {
#if defined(__x86_64__)
  return __builtin_cpu_supports("avx512bf16") != 0;
#else
  return false;
#endif
}

kit::Status CheckPrecision(const kit::EngineOptions& options) {
  const bool on_cpu = options.device == "cpu";
  if (options.precision == SL_F16 && on_cpu) {
    return kit::Unsupported("LibTorch computes fp16 on CUDA devices only; use fp32 on the CPU");
  }
  if (options.precision == SL_BF16 && on_cpu && !CpuHasBf16()) {
    return kit::Unsupported("bf16 needs a CPU with AVX512_BF16, which this one lacks; use fp32");
  }
  return kit::Ok();
}

std::vector<kit::DeviceInfo> Devices() {
  std::vector<kit::DeviceInfo> devices = {{"cpu", "CPU", -1}};
  for (int i = 0; i < Library().cuda_devices; ++i) {
    const std::string number = std::to_string(i);
    devices.push_back({"cuda:" + number, "CUDA device " + number, -1});
  }
  return devices;
}

class TorchBackend final : public kit::Backend {
 public:
  kit::BackendInfo Info() const override {
    const LibraryFacts& library = Library();
    kit::BackendInfo info;
    info.name = "torch";
    info.framework = "LibTorch";
    info.framework_version = library.version;
    info.framework_build = library.build;
    info.features =
        SL_FEATURE_DYNAMIC_BATCH | SL_FEATURE_ZERO_COPY_INPUT | SL_FEATURE_PROFILE | SL_FEATURE_SPANS;
    if (!library.threads_per_caller) info.features |= SL_FEATURE_THREADS_PROCESS_WIDE;
    info.devices = Devices();
    const bool has_cuda = info.devices.size() > 1;
    info.precisions = 1u << SL_F32;
    if (CpuHasBf16() || has_cuda) info.precisions |= 1u << SL_BF16;
    if (has_cuda) info.precisions |= 1u << SL_F16;
    info.layouts = 1u << SL_LAYOUT_NCHW | 1u << SL_LAYOUT_NHWC | 1u << SL_LAYOUT_PLAIN;
    info.model_kinds = SL_MODEL_GRAPH | SL_MODEL_FILE;
    info.max_onnx_opset = kMaxOnnxOpset;
    info.file_formats = {".pt", ".pth"};
    info.options = {
        {"input_shape", {}, {}, "", "TorchScript files: the input's shape without the batch, CxHxW."},
        {"optimize",
         {"on", "freeze", "off"},
         {},
         "on",
         "optimize_for_inference where it computes the same, freeze alone, or the network as written."}};
    return info;
  }

  kit::Result<std::unique_ptr<kit::Engine>> CreateEngine(const kit::Model& model,
                                                         const kit::EngineOptions& options) override {
    KIT_RETURN_IF_ERROR(CheckPrecision(options));
    return torch_backend::CreateEngine(model, options);
  }
};

}  // namespace
}  // namespace sightline::torch_backend

SIGHTLINE_KIT_BACKEND(sightline::torch_backend::TorchBackend)
