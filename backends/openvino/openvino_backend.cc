// OpenVINO's CPU plugin behind the backend ABI. An engine is one compiled model with a stream for each
// instance, an instance one of its infer requests: weights are shared, and streams keep to cores of their
// own.
#include <algorithm>
#include <memory>
#include <openvino/openvino.hpp>
#include <string>
#include <utility>
#include <vector>

#include "backends/kit/graph.h"
#include "backends/kit/kit.h"
#include "backends/openvino/describe.h"
#include "backends/openvino/input_shape.h"
#include "backends/openvino/layer_names.h"
#include "backends/openvino/precision.h"
#include "backends/openvino/reader.h"
#include "backends/openvino/runner.h"
#include "backends/openvino/settings.h"

namespace sightline::openvino_backend {
namespace {

constexpr const char* kDevice = "CPU";

class OpenVinoInstance final : public kit::Instance {
 public:
  OpenVinoInstance(ov::CompiledModel& model, const Description& description, const LayerNames& names)
      : runner_(model, description), names_(names) {}

  kit::Status Run(kit::Inputs inputs, kit::Outputs outputs, kit::SpanRecorder& spans) override {
    return runner_.Run(inputs, outputs, spans, [this] { return cancelled(); });
  }
  void Cancel() override { runner_.Cancel(); }
  kit::Status Profile(kit::Inputs inputs, kit::Outputs outputs, const kit::LayerSink& sink) override {
    kit::SpanRecorder nowhere(nullptr);
    KIT_RETURN_IF_ERROR(Run(inputs, outputs, nowhere));
    for (const ov::ProfilingInfo& layer : runner_.Profile()) {
      if (layer.status != ov::ProfilingInfo::Status::EXECUTED) continue;
      sink({names_.Of(layer.node_name), layer.node_type,
            std::chrono::duration_cast<std::chrono::nanoseconds>(layer.real_time).count(), 0, 1});
    }
    return kit::Ok();
  }

 private:
  Runner runner_;
  const LayerNames& names_;  // of the engine
};

class OpenVinoEngine final : public kit::Engine {
 public:
  OpenVinoEngine(ov::CompiledModel model, Description description, LayerNames names)
      : model_(std::move(model)), description_(std::move(description)), names_(std::move(names)) {}

  kit::EngineInfo Info() const override { return description_.info; }
  kit::Result<std::unique_ptr<kit::Instance>> CreateInstance(const kit::InstanceOptions&) override {
    try {
      return std::unique_ptr<kit::Instance>(std::make_unique<OpenVinoInstance>(model_, description_, names_));
    } catch (const std::exception& exception) {
      return FromException(exception, SL_INTERNAL);
    }
  }

 private:
  ov::CompiledModel model_;
  Description description_;
  LayerNames names_;
};

// What the compiled model says of itself, into `info`.
kit::Status ReadBack(const ov::CompiledModel& model, SlDataType asked, kit::EngineInfo& info) {
  const Precision precision = PrecisionOf(LayersOf(*model.get_runtime_model()), asked);
  info.precision_run = precision.run;
  info.precision_note = precision.note;
  const auto streams = std::max<int>(model.get_property(ov::num_streams), 1);
  info.intra_threads = std::max<int>(model.get_property(ov::inference_num_threads) / streams, 1);
  info.inter_threads = 1;
  if (asked == SL_I8 && precision.run != SL_I8) {
    return kit::Unsupported(
        "int8 was asked for, and OpenVINO computes in it only what a model quantizes (QuantizeLinear and "
        "DequantizeLinear around its convolutions), which is nothing here");
  }
  return kit::Ok();
}

class OpenVinoBackend final : public kit::Backend {
 public:
  kit::Status Available() const override {
    try {
      (void)core_.get_property(kDevice, ov::device::full_name);
      return kit::Ok();
    } catch (const std::exception& exception) {
      return kit::Unavailable("OpenVINO's CPU plugin can't be loaded: ", OneSentence(exception));
    }
  }

  kit::BackendInfo Info() const override {
    kit::BackendInfo info;
    info.name = "openvino";
    info.framework = "OpenVINO";
    info.framework_version = VersionText();
    info.framework_build = ov::get_openvino_version().buildNumber;
    info.features = SL_FEATURE_DYNAMIC_BATCH | SL_FEATURE_ZERO_COPY_INPUT | SL_FEATURE_ZERO_COPY_OUTPUT |
                    SL_FEATURE_CANCEL | SL_FEATURE_PROFILE | SL_FEATURE_SPANS;
    info.precisions = Precisions();
    info.layouts = 1u << SL_LAYOUT_NCHW | 1u << SL_LAYOUT_NHWC | 1u << SL_LAYOUT_PLAIN;
    info.model_kinds = SL_MODEL_ONNX | SL_MODEL_FILE;
    info.max_onnx_opset = 17;
    info.file_formats = FileFormats();
    info.options = Options();
    info.devices = {{"cpu", core_.get_property(kDevice, ov::device::full_name), -1}};
    return info;
  }

  kit::Result<std::unique_ptr<kit::Engine>> CreateEngine(const kit::Model& model,
                                                         const kit::EngineOptions& options) override {
    const int64_t begin_ns = kit::NowNs();
    const bool onnx = model.kind == SL_MODEL_ONNX;
    KIT_ASSIGN_OR_RETURN(std::shared_ptr<ov::Model> network, Read(model, options.values.Word("input_shape")));
    KIT_ASSIGN_OR_RETURN(Description description, Describe(network, onnx ? model.graph : nullptr));
    // A fixed batch saves the inference of shapes; one left open costs nothing more.
    if (options.max_batch == 1 && description.open_batch) {
      KIT_RETURN_IF_ERROR(FixBatch(*network, description, 1));
    }
    const int64_t compile_ns = kit::NowNs();
    try {
      ov::CompiledModel compiled = core_.compile_model(network, kDevice, Properties(options));
      description.info.load_ns = compile_ns - begin_ns;
      description.info.compile_ns = kit::NowNs() - compile_ns;
      KIT_RETURN_IF_ERROR(ReadBack(compiled, options.precision, description.info));
      return std::unique_ptr<kit::Engine>(std::make_unique<OpenVinoEngine>(
          std::move(compiled), std::move(description), LayerNames(onnx ? model.graph : nullptr)));
    } catch (const std::exception& exception) {
      return FromException(exception, SL_UNSUPPORTED).WithContext("OpenVINO can't compile this network");
    }
  }

 private:
  static std::string OneSentence(const std::exception& exception) {
    return std::string(FromException(exception, SL_UNAVAILABLE).message());
  }
  kit::Result<std::shared_ptr<ov::Model>> Read(const kit::Model& model, const std::string& input_shape) {
    if (model.kind == SL_MODEL_ONNX) {
      if (input_shape.empty()) return ReadOnnx(core_, model);
      return kit::InvalidArgument("option input_shape is for files; an ONNX network says its shapes itself");
    }
    KIT_ASSIGN_OR_RETURN(std::shared_ptr<ov::Model> network, ReadFile(core_, model.path));
    if (!input_shape.empty()) KIT_RETURN_IF_ERROR(SetInputShape(*network, input_shape));
    return network;
  }
  // fp32 everywhere; the others where this CPU has instructions for them, as OpenVINO says.
  uint32_t Precisions() const {
    uint32_t precisions = 1u << SL_F32;
    for (const std::string& capability : core_.get_property(kDevice, ov::device::capabilities)) {
      if (capability == ov::device::capability::BF16) precisions |= 1u << SL_BF16;
      if (capability == ov::device::capability::FP16) precisions |= 1u << SL_F16;
      if (capability == ov::device::capability::INT8) precisions |= 1u << SL_I8;
    }
    return precisions;
  }

  mutable ov::Core core_;  // thread-safe
};

}  // namespace
}  // namespace sightline::openvino_backend

SIGHTLINE_KIT_BACKEND(sightline::openvino_backend::OpenVinoBackend)
