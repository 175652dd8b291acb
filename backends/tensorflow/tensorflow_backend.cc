// The TensorFlow plugin: the C API of the official wheel behind the backend ABI. This half says what
// TensorFlow can do; core/ does it.
#include <memory>
#include <string>
#include <vector>

#include "backends/kit/gpus.h"
#include "backends/kit/kit.h"
#include "backends/tensorflow/core_library.h"
#include "backends/tensorflow/process_settings.h"

namespace sightline::tensorflow {
namespace {

constexpr int kMaxOnnxOpset = 17;

// oneDNN emulates bf16 on CPUs without these instructions, or fails; neither is what was asked for.
bool CpuHasBf16() {
#if defined(__x86_64__)
  return __builtin_cpu_supports("avx512bf16") != 0;
#else
  return false;
#endif
}

kit::Status CheckPrecision(const kit::EngineOptions& options) {
  if (options.precision == SL_F32) return CheckFloatMath(options.device != "cpu");
  if (options.device != "cpu") {
    return kit::Unsupported("bf16 is made by Grappler with oneDNN, for the CPU alone; use fp32 on ",
                            options.device);
  }
  if (!CpuHasBf16()) {
    return kit::Unsupported("bf16 needs a CPU with AVX512_BF16, which this one lacks; use fp32");
  }
  if (options.values.Word("grappler") == "off") {
    return kit::Unsupported("bf16 is made by Grappler, which option grappler=off turns off");
  }
  if (OneDnnIsOff(options.values.Word("onednn"))) {
    return kit::Unsupported(
        "bf16 is computed by oneDNN, which option onednn=off or the environment variable ",
        "TF_ENABLE_ONEDNN_OPTS turns off");
  }
  return kit::Ok();
}

std::string BuildText() {
  const std::string environment = EnvironmentText();
  const std::string bf16 = CpuHasBf16() ? "" : "; no bf16: the CPU lacks AVX512_BF16";
  return "official wheel; XLA linked in; oneDNN by option onednn, else as TensorFlow decides from the CPU" +
         bf16 + (environment.empty() ? "" : "; environment: " + environment);
}

const std::vector<std::string> kOnOff = {"on", "off"};

class TensorFlowBackend final : public kit::Backend {
 public:
  kit::BackendInfo Info() const override {
    kit::BackendInfo info;
    info.name = "tensorflow";
    info.framework = "TensorFlow";
    info.framework_version = SIGHTLINE_TENSORFLOW_VERSION;  // OpenCore holds the library to it
    info.framework_build = BuildText();
    info.features =
        SL_FEATURE_DYNAMIC_BATCH | SL_FEATURE_ZERO_COPY_INPUT | SL_FEATURE_PROFILE | SL_FEATURE_SPANS;
    info.devices = kit::CudaDevices(SIGHTLINE_TENSORFLOW_HAS_CUDA != 0, kit::CountNvidiaGpus());
    info.precisions = (1u << SL_F32) | (CpuHasBf16() ? 1u << SL_BF16 : 0u);
    info.layouts = (1u << SL_LAYOUT_NHWC) | (1u << SL_LAYOUT_PLAIN);
    info.model_kinds = SL_MODEL_GRAPH | SL_MODEL_FILE;
    info.max_onnx_opset = kMaxOnnxOpset;
    info.file_formats = {"saved_model", ".pb"};
    info.options = {
        {"grappler", kOnOff, {}, "on", "TensorFlow's graph optimizer; off loads faster and fuses nothing."},
        {"input", {}, {}, "", "Frozen graphs: tensors to feed, NAME:0,NAME:0; by itself every Placeholder."},
        {"onednn",
         {"auto", "on", "off"},
         {},
         "auto",
         "oneDNN kernels; one choice per process, auto leaves it to TensorFlow and the CPU."},
        {"input_shape", {}, {}, "", "Frozen graphs: shape of an input that does not say it, as HxWxC."},
        {"output",
         {},
         {},
         "",
         "Frozen graphs: tensors to fetch, NAME:0 or NAME:0=100x4 with its shape; by itself those no "
         "operation reads."},
        {"signature", {}, {}, "", "SavedModel: the signature to run; by itself serving_default."},
        {"xla", kOnOff, {}, "off", "Compile parts of the graph with XLA at the first run."}};
    return info;
  }

  kit::Result<std::unique_ptr<kit::Engine>> CreateEngine(const kit::Model& model,
                                                         const kit::EngineOptions& options) override {
    KIT_RETURN_IF_ERROR(CheckPrecision(options));
    KIT_RETURN_IF_ERROR(SettleProcess(options.values.Word("onednn")));
    KIT_ASSIGN_OR_RETURN(const OpenedCore core, OpenCore());
    return core.api->create_engine(model, options, core.load_ns);
  }
};

}  // namespace
}  // namespace sightline::tensorflow

SIGHTLINE_KIT_BACKEND(sightline::tensorflow::TensorFlowBackend)
