// The TensorFlow plugin: the C API of the official wheel behind the backend ABI.
//
// An engine holds a graph, translated from ONNX or read from TensorFlow's own files. An instance is a session
// of its own, with its own threads and its own copy of the weights: sessions that share threads would not be
// independent, and TensorFlow has no way for sessions to share constants.
#include <sched.h>

#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "backends/kit/kit.h"
#include "backends/tensorflow/model_files.h"
#include "backends/tensorflow/process_settings.h"
#include "backends/tensorflow/session.h"
#include "backends/tensorflow/translate.h"

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

// Cores this process may use: TensorFlow's own choice of threads.
int CoresAllowed() {
  cpu_set_t cores;
  CPU_ZERO(&cores);
  return sched_getaffinity(0, sizeof cores, &cores) == 0 ? CPU_COUNT(&cores) : 0;
}

class TensorFlowInstance final : public kit::Instance {
 public:
  explicit TensorFlowInstance(SessionRunner runner) : runner_(std::move(runner)) {}

  kit::Status Run(kit::Inputs inputs, kit::Outputs outputs, kit::SpanRecorder& spans) override {
    return runner_.Run(inputs, outputs, spans);
  }
  kit::Status Profile(kit::Inputs inputs, kit::Outputs outputs, const kit::LayerSink& sink) override {
    return runner_.Profile(inputs, outputs, sink);
  }

 private:
  SessionRunner runner_;
};

// A graph without variables: any number of sessions can be opened on it.
class GraphEngine final : public kit::Engine {
 public:
  GraphEngine(Model model, SessionSettings settings, kit::EngineInfo info)
      : model_(std::move(model)), settings_(settings), info_(std::move(info)) {}

  kit::EngineInfo Info() const override { return info_; }
  kit::Result<std::unique_ptr<kit::Instance>> CreateInstance() override {
    KIT_ASSIGN_OR_RETURN(SessionPtr session, OpenSession(model_.graph.get(), settings_));
    return std::unique_ptr<kit::Instance>(std::make_unique<TensorFlowInstance>(
        SessionRunner(std::move(session), model_.feeds, model_.fetches, settings_)));
  }

 private:
  Model model_;
  SessionSettings settings_;
  kit::EngineInfo info_;
};

// A SavedModel's variables live in the session that read them, so each instance after the first reads the
// files again.
class SavedModelEngine final : public kit::Engine {
 public:
  SavedModelEngine(OpenedModel first, std::filesystem::path path, FileChoices choices,
                   SessionSettings settings, kit::EngineInfo info)
      : first_(std::move(first)),
        path_(std::move(path)),
        choices_(std::move(choices)),
        settings_(settings),
        info_(std::move(info)) {}

  kit::EngineInfo Info() const override { return info_; }
  kit::Result<std::unique_ptr<kit::Instance>> CreateInstance() override {
    OpenedModel opened = TakeFirst();
    if (opened.session == nullptr) {
      KIT_ASSIGN_OR_RETURN(opened, OpenModelFile(path_, choices_, settings_));
    }
    return std::unique_ptr<kit::Instance>(std::make_unique<TensorFlowInstance>(
        SessionRunner(std::move(opened.session), opened.model.feeds, opened.model.fetches, settings_)));
  }

 private:
  OpenedModel TakeFirst() {
    const std::lock_guard lock(mutex_);
    return std::move(first_);
  }

  std::mutex mutex_;
  OpenedModel first_;
  std::filesystem::path path_;
  FileChoices choices_;
  SessionSettings settings_;
  kit::EngineInfo info_;
};

kit::Status CheckPrecision(const kit::EngineOptions& options) {
  if (options.precision == SL_F32) return CheckFloatMath();
  if (!CpuHasBf16()) {
    return kit::Unsupported("bf16 needs a CPU with AVX512_BF16, which this one lacks; use fp32");
  }
  if (options.values.Word("onednn") == "off") {
    return kit::Unsupported("bf16 is computed by oneDNN, which option onednn=off turns off");
  }
  return kit::Ok();
}

// A stated number of intra-op threads is meant as all the threads of the instance, so operators side by side
// have to be asked for; with neither stated TensorFlow chooses both.
SessionSettings ReadSettings(const kit::EngineOptions& options) {
  SessionSettings settings;
  settings.intra_threads = options.intra_threads;
  settings.inter_threads =
      options.inter_threads == 0 && options.intra_threads > 0 ? 1 : options.inter_threads;
  settings.xla = options.values.Word("xla") == "on";
  settings.grappler = options.values.Word("grappler") == "on";
  settings.bf16 = options.precision == SL_BF16;
  return settings;
}

kit::EngineInfo DescribeEngine(const Model& model, const SessionSettings& settings, int64_t load_ns) {
  kit::EngineInfo info;
  info.inputs = model.inputs;
  info.outputs = model.outputs;
  info.precision_run = settings.bf16 ? SL_BF16 : SL_F32;
  info.precision_note =
      settings.bf16 ? "Grappler (auto_mixed_precision_onednn_bfloat16) turns the operations it "
                      "knows into bf16; the others stay fp32"
                    : "TensorFlow keeps fp32 unless it is told otherwise; oneDNN's math mode is strict";
  info.intra_threads = settings.intra_threads > 0 ? settings.intra_threads : CoresAllowed();
  info.inter_threads = settings.inter_threads > 0 ? settings.inter_threads : CoresAllowed();
  info.load_ns = load_ns;
  return info;
}

std::string BuildText() {
  const std::string environment = EnvironmentText();
  return "official wheel; XLA linked in; oneDNN by option onednn, else as TensorFlow decides from the CPU" +
         (environment.empty() ? "" : "; environment: " + environment);
}

const std::vector<std::string> kOnOff = {"on", "off"};

class TensorFlowBackend final : public kit::Backend {
 public:
  kit::BackendInfo Info() const override {
    kit::BackendInfo info;
    info.name = "tensorflow";
    info.framework = "TensorFlow";
    info.framework_version = TF_Version();
    info.framework_build = BuildText();
    info.features =
        SL_FEATURE_DYNAMIC_BATCH | SL_FEATURE_ZERO_COPY_INPUT | SL_FEATURE_PROFILE | SL_FEATURE_SPANS;
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
        {"output", {}, {}, "", "Frozen graphs: tensors to fetch; by itself those no operation reads."},
        {"signature", {}, {}, "", "SavedModel: the signature to run; by itself serving_default."},
        {"xla", kOnOff, {}, "off", "Compile parts of the graph with XLA at the first run."}};
    return info;
  }

  kit::Result<std::unique_ptr<kit::Engine>> CreateEngine(const kit::Model& model,
                                                         const kit::EngineOptions& options) override {
    KIT_RETURN_IF_ERROR(CheckPrecision(options));
    KIT_RETURN_IF_ERROR(SettleProcess(options.values.Word("onednn")));
    const SessionSettings settings = ReadSettings(options);
    const int64_t begin_ns = kit::NowNs();
    if (model.kind == SL_MODEL_GRAPH) {
      KIT_ASSIGN_OR_RETURN(Model translated, Translate(*model.graph));
      return MakeGraphEngine(std::move(translated), settings, begin_ns);
    }
    const FileChoices choices = {options.values.Word("input"), options.values.Word("output"),
                                 options.values.Word("signature")};
    KIT_ASSIGN_OR_RETURN(OpenedModel opened, OpenModelFile(model.path, choices, settings));
    if (opened.session == nullptr) return MakeGraphEngine(std::move(opened.model), settings, begin_ns);
    kit::EngineInfo info = DescribeEngine(opened.model, settings, kit::NowNs() - begin_ns);
    return std::unique_ptr<kit::Engine>(std::make_unique<SavedModelEngine>(
        std::move(opened), model.path, choices, settings, std::move(info)));
  }

 private:
  static std::unique_ptr<kit::Engine> MakeGraphEngine(Model model, const SessionSettings& settings,
                                                      int64_t begin_ns) {
    kit::EngineInfo info = DescribeEngine(model, settings, kit::NowNs() - begin_ns);
    return std::make_unique<GraphEngine>(std::move(model), settings, std::move(info));
  }
};

}  // namespace
}  // namespace sightline::tensorflow

SIGHTLINE_KIT_BACKEND(sightline::tensorflow::TensorFlowBackend)
