// TensorRT behind the backend ABI. An engine is built from ONNX, or taken from the cache of built ones; an
// instance is an execution context with a stream and memory of its own, so weights are shared and runs are
// not.
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "backends/kit/graph.h"
#include "backends/kit/kit.h"
#include "backends/tensorrt/choices.h"
#include "backends/tensorrt/sdk/builder.h"
#include "backends/tensorrt/sdk/cuda_api.h"
#include "backends/tensorrt/sdk/execution.h"
#include "backends/tensorrt/sdk/library.h"

namespace sightline::tensorrt {
namespace {

class TensorRtInstance final : public kit::Instance {
 public:
  explicit TensorRtInstance(std::unique_ptr<Execution> execution) : execution_(std::move(execution)) {}

  kit::Status Run(kit::Inputs inputs, kit::Outputs outputs, kit::SpanRecorder& spans) override {
    return execution_->Run(inputs, outputs, spans);
  }
  kit::Status Profile(kit::Inputs inputs, kit::Outputs outputs, const kit::LayerSink& sink) override {
    return execution_->Profile(inputs, outputs, sink);
  }

 private:
  std::unique_ptr<Execution> execution_;
};

class TensorRtEngine final : public kit::Engine {
 public:
  TensorRtEngine(RuntimePtr runtime, std::unique_ptr<nvinfer1::ICudaEngine> engine, Choices choices,
                 kit::EngineInfo info)
      : choices_(std::move(choices)),
        info_(std::move(info)),
        runtime_(std::move(runtime)),
        engine_(std::move(engine)) {}

  kit::EngineInfo Info() const override { return info_; }
  kit::Result<std::unique_ptr<kit::Instance>> CreateInstance(const kit::InstanceOptions&) override {
    const std::lock_guard lock(mutex_);
    KIT_ASSIGN_OR_RETURN(auto execution, Execution::Make(*engine_, info_, choices_));
    return std::unique_ptr<kit::Instance>(std::make_unique<TensorRtInstance>(std::move(execution)));
  }

 private:
  const Choices choices_;
  const kit::EngineInfo info_;
  std::mutex mutex_;
  RuntimePtr runtime_;  // outlives its engines
  std::unique_ptr<nvinfer1::ICudaEngine> engine_;
};

kit::Result<kit::TensorInfo> FromValue(const kit::GraphValue& value) {
  if (!value.shape_known()) return kit::Unsupported("the shape of '", value.name(), "' is not known");
  return kit::TensorInfo{value.name(), value.type(), value.rank() == 4 ? SL_LAYOUT_NCHW : SL_LAYOUT_PLAIN,
                         kit::NamedDims({value.dims().begin(), value.dims().end()})};
}

// Names, types and shapes are the graph's; TensorRT keeps them.
kit::Result<kit::EngineInfo> Describe(const SlGraph& graph) {
  const kit::GraphView view(graph);
  kit::EngineInfo info;
  for (const kit::GraphValue& value : view.inputs()) {
    KIT_ASSIGN_OR_RETURN(kit::TensorInfo input, FromValue(value));
    info.inputs.push_back(std::move(input));
  }
  for (const kit::GraphValue& value : view.outputs()) {
    KIT_ASSIGN_OR_RETURN(kit::TensorInfo output, FromValue(value));
    output.layout = SL_LAYOUT_PLAIN;
    info.outputs.push_back(std::move(output));
  }
  return info;
}

std::string CachedText(bool from_cache) {
  return from_cache ? "; the engine was in the cache" : "";
}

class TensorRtBackend final : public kit::Backend {
 public:
  kit::Status Available() const override {
    KIT_RETURN_IF_ERROR(OpenCuda());
    return OpenTensorRt();
  }

  kit::BackendInfo Info() const override {
    kit::BackendInfo info;
    info.name = "tensorrt";
    info.framework = "TensorRT";
    info.framework_version = LibraryVersion().Text();
    info.framework_build = BuildText();
    info.features = SL_FEATURE_DYNAMIC_BATCH | SL_FEATURE_PROFILE | SL_FEATURE_SPANS;
    info.precisions = Precisions(LibraryVersion());
    info.layouts = 1u << SL_LAYOUT_NCHW | 1u << SL_LAYOUT_PLAIN;
    info.model_kinds = SL_MODEL_ONNX;
    info.max_onnx_opset = 17;
    info.options = Options();
    info.devices = Devices();
    return info;
  }

  kit::Result<std::unique_ptr<kit::Engine>> CreateEngine(const kit::Model& model,
                                                         const kit::EngineOptions& options) override {
    if (model.graph == nullptr) {
      return kit::InvalidArgument("the TensorRT backend needs the network's graph beside its ONNX bytes");
    }
    const int64_t begin_ns = kit::NowNs();
    Choices choices = Choose(options, model.graph, LibraryVersion());
    KIT_ASSIGN_OR_RETURN(kit::EngineInfo info, Describe(*model.graph));
    KIT_ASSIGN_OR_RETURN(const BuiltEngine built, BuildOrFind(model.onnx, info, choices));
    RuntimePtr runtime = MakeRuntime();
    if (runtime == nullptr) return Failed("starting TensorRT's runtime");
    std::unique_ptr<nvinfer1::ICudaEngine> engine(
        runtime->deserializeCudaEngine(built.plan.data(), built.plan.size()));
    if (engine == nullptr) return Failed("loading the engine");
    info.precision_run = choices.precision_run;
    info.precision_note = choices.precision_note + CachedText(built.from_cache);
    info.compile_ns = built.build_ns;
    info.load_ns = kit::NowNs() - begin_ns - built.build_ns;
    return std::unique_ptr<kit::Engine>(std::make_unique<TensorRtEngine>(
        std::move(runtime), std::move(engine), std::move(choices), std::move(info)));
  }

 private:
  static std::string BuildText() {
    int driver = 0;
    int runtime = 0;
    static_cast<void>(Cuda().driver_version(&driver));
    static_cast<void>(Cuda().runtime_version(&runtime));
    return kit::Text("headers ", kBuiltVersion.Text(), "; CUDA ", CudaVersionText(runtime),
                     ", driver up to CUDA ", CudaVersionText(driver));
  }
  static std::vector<kit::DeviceInfo> Devices() {
    std::vector<kit::DeviceInfo> devices;
    for (int gpu = 0; gpu < GpuCount(); ++gpu) {
      const auto facts = FactsOfGpu(gpu);
      if (facts.ok()) devices.push_back({kit::Text("cuda:", gpu), facts->name, facts->memory_bytes});
    }
    return devices;
  }
};

}  // namespace
}  // namespace sightline::tensorrt

SIGHTLINE_KIT_BACKEND(sightline::tensorrt::TensorRtBackend)
