// ONNX Runtime behind the backend ABI, through its C API.
//
// A session may be run by several threads at once. Instances that compute with one thread each, their
// caller's, share one session and its weights; others have a session and threads of their own, since
// instances that share threads would not be independent.
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "backends/kit/gpus.h"
#include "backends/kit/kit.h"
#include "backends/onnxruntime/describe.h"
#include "backends/onnxruntime/messages.h"
#include "backends/onnxruntime/ort.h"
#include "backends/onnxruntime/precision.h"
#include "backends/onnxruntime/profiler.h"
#include "backends/onnxruntime/runner.h"
#include "backends/onnxruntime/session.h"

namespace sightline::onnxruntime {
namespace {

using SharedSession = std::shared_ptr<OrtSession>;

class OrtInstance final : public kit::Instance {
 public:
  OrtInstance(SharedSession session, Runner runner, const Profiler* profiler)
      : session_(std::move(session)), runner_(std::move(runner)), profiler_(profiler) {}

  kit::Status Run(kit::Inputs inputs, kit::Outputs outputs, kit::SpanRecorder& spans) override {
    return runner_.Run(session_.get(), inputs, outputs, spans, [this] { return cancelled(); });
  }
  void Cancel() override { runner_.Terminate(); }
  kit::Status Profile(kit::Inputs inputs, kit::Outputs outputs, const kit::LayerSink& sink) override {
    return profiler_->Profile(runner_, inputs, outputs, sink, [this] { return cancelled(); });
  }

 private:
  SharedSession session_;
  Runner runner_;
  const Profiler* profiler_;  // of the engine; null unless it was made for profiling
};

// What an engine is made of.
struct Parts {
  ModelData model;  // empty where the model is needed no more
  SessionSettings settings;
  bool shared = true;
  bool profile = false;
  kit::EngineInfo info;
};

class OrtEngine final : public kit::Engine {
 public:
  OrtEngine(SessionPtr first, Parts parts)
      : parts_(std::move(parts)), first_(std::move(first)), profiler_(parts_.model, parts_.settings) {}

  kit::EngineInfo Info() const override { return parts_.info; }
  kit::Result<std::unique_ptr<kit::Instance>> CreateInstance(const kit::InstanceOptions&) override {
    KIT_ASSIGN_OR_RETURN(SharedSession session, TakeSession());
    KIT_ASSIGN_OR_RETURN(Runner runner, Runner::Make(parts_.info));
    return std::unique_ptr<kit::Instance>(std::make_unique<OrtInstance>(
        std::move(session), std::move(runner), parts_.profile ? &profiler_ : nullptr));
  }

 private:
  // The first session; where they are not shared, only once, and new ones after that.
  kit::Result<SharedSession> TakeSession() {
    {
      const std::lock_guard lock(mutex_);
      if (parts_.shared) return first_;
      if (first_ != nullptr) return std::exchange(first_, nullptr);
    }
    KIT_ASSIGN_OR_RETURN(SessionPtr session, OpenSession(parts_.model, parts_.settings));
    return SharedSession(std::move(session));
  }

  const Parts parts_;
  std::mutex mutex_;
  SharedSession first_;
  const Profiler profiler_;
};

bool Shares(const kit::EngineOptions& options, const SessionSettings& settings) {
  const std::string& asked = options.values.Word("session");
  if (asked != "auto") return asked == "shared";
  return options.instance_count == 1 ||
         (settings.gpu < 0 && settings.intra_threads == 1 && settings.inter_threads == 1);
}

// The caller's bytes live during engine_create only.
ModelData Keep(const kit::Model& model, bool needed) {
  if (model.kind == SL_MODEL_FILE) return {{}, model.path};
  if (!needed) return {};
  return {{model.onnx.begin(), model.onnx.end()}, {}};
}

kit::Result<kit::EngineInfo> InfoOf(const kit::Model& model, const OrtSession& session, const Parts& parts,
                                    int instance_count) {
  const SlGraph* const graph = model.kind == SL_MODEL_ONNX ? model.graph : nullptr;
  KIT_ASSIGN_OR_RETURN(kit::EngineInfo info, Describe(session, graph));
  const SessionSettings& settings = parts.settings;
  PrecisionFactors factors;
  factors.gpu = settings.gpu >= 0;
  factors.tensorrt = settings.tensorrt;
  factors.fuses_quantization = settings.optimization == "all" || settings.optimization == "extended";
  factors.tf32_possible = factors.gpu && TheLibrary().api_version < 18;
  const Precision precision = PrecisionOf(graph, factors);
  info.precision_run = precision.run;
  info.precision_note = precision.note;
  const bool threads_shared = parts.shared && instance_count > 1 && settings.intra_threads > 1;
  info.intra_threads = threads_shared ? 0 : settings.intra_threads;
  info.inter_threads = settings.inter_threads;
  return info;
}

std::vector<kit::OptionInfo> Options() {
  return {{"optimization",
           {"all", "extended", "basic", "off"},
           {},
           "all",
           "How far the graph is optimized when it is loaded."},
          {"save", {}, {}, "", "Write the optimized model to this file; .ort makes it an ORT file."},
          {"session",
           {"auto", "shared", "own"},
           {},
           "auto",
           "One session for all instances, or one each; auto shares where instances have one thread each."},
          {"spinning", {"on", "off"}, {}, "on", "Whether idle threads wait busily for work."},
          {"tensorrt",
           {"off", "fp32", "fp16", "int8"},
           {},
           "off",
           "On a GPU: let TensorRT run what it can, in this precision."}};
}

class OrtBackend final : public kit::Backend {
 public:
  kit::Status Available() const override { return OpenLibrary(); }

  kit::BackendInfo Info() const override {
    const Library& library = TheLibrary();
    kit::BackendInfo info;
    info.name = "onnxruntime";
    info.framework = "ONNX Runtime";
    info.framework_version = library.version;
    info.framework_build = BuildText(library);
    info.features = SL_FEATURE_DYNAMIC_BATCH | SL_FEATURE_ZERO_COPY_INPUT | SL_FEATURE_ZERO_COPY_OUTPUT |
                    SL_FEATURE_PROFILE | SL_FEATURE_CANCEL | SL_FEATURE_SPANS;
    info.layouts = 1u << SL_LAYOUT_NCHW | 1u << SL_LAYOUT_PLAIN;
    info.model_kinds = SL_MODEL_ONNX | SL_MODEL_FILE;
    info.max_onnx_opset = library.api_version >= 12 ? 17 : 16;
    info.file_formats = {".ort"};
    info.options = Options();
    info.devices = kit::CudaDevices(library.HasProvider("CUDAExecutionProvider"), kit::CountNvidiaGpus());
    return info;
  }

  kit::Result<std::unique_ptr<kit::Engine>> CreateEngine(const kit::Model& model,
                                                         const kit::EngineOptions& options) override {
    KIT_ASSIGN_OR_RETURN(SessionSettings settings, ReadSettings(options));
    const int64_t begin_ns = kit::NowNs();
    KIT_ASSIGN_OR_RETURN(SessionPtr session, OpenSession(model, settings));
    Parts parts;
    parts.shared = Shares(options, settings);
    parts.profile = options.profile;
    parts.settings = std::move(settings);
    parts.model = Keep(model, !parts.shared || options.profile);
    KIT_ASSIGN_OR_RETURN(parts.info, InfoOf(model, *session, parts, options.instance_count));
    parts.info.load_ns = kit::NowNs() - begin_ns;
    return std::unique_ptr<kit::Engine>(std::make_unique<OrtEngine>(std::move(session), std::move(parts)));
  }

 private:
  static std::string BuildText(const Library& library) {
    std::string text;
    if (library.api_version >= 15) text = BuildTypeOf(Api().GetBuildInfoString()) + ", ";
    text += kit::Text("API version ", library.api_version, "; execution providers:");
    for (const std::string& provider : library.providers) text += " " + provider;
    return text;
  }
};

}  // namespace
}  // namespace sightline::onnxruntime

SIGHTLINE_KIT_BACKEND(sightline::onnxruntime::OrtBackend)
