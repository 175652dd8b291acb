// Engines and instances, and the core's entry point.
//
// An engine holds a graph, translated from ONNX or read from TensorFlow's own files. An instance is a session
// of its own, with its own threads and its own copy of the weights: sessions that share threads would not be
// independent, and TensorFlow has no way for sessions to share constants.
#include <sched.h>

#include <array>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>

#include "backends/kit/gpus.h"
#include "backends/kit/kit.h"
#include "backends/tensorflow/core/core_api.h"
#include "backends/tensorflow/core/model_files.h"
#include "backends/tensorflow/core/quiet.h"
#include "backends/tensorflow/core/session.h"
#include "backends/tensorflow/core/translate.h"

namespace sightline::tensorflow {
namespace {

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
  kit::Result<std::unique_ptr<kit::Instance>> CreateInstance(const kit::InstanceOptions&) override {
    KIT_ASSIGN_OR_RETURN(SessionPtr session, OpenSession(model_.graph.get(), settings_));
    return std::unique_ptr<kit::Instance>(std::make_unique<TensorFlowInstance>(
        SessionRunner(std::move(session), model_.feeds, model_.fetches, model_.outputs, settings_)));
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
  kit::Result<std::unique_ptr<kit::Instance>> CreateInstance(const kit::InstanceOptions&) override {
    OpenedModel opened = TakeFirst();
    if (opened.session == nullptr) {
      KIT_ASSIGN_OR_RETURN(opened, OpenModelFile(path_, choices_, settings_));
    }
    return std::unique_ptr<kit::Instance>(std::make_unique<TensorFlowInstance>(
        SessionRunner(std::move(opened.session), opened.model.feeds, opened.model.fetches,
                      opened.model.outputs, settings_)));
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
  settings.gpu = kit::GpuOf(options.device);
  return settings;
}

// From what computes worst to what computes best.
constexpr std::array<SlDataType, 8> kByPrecision = {SL_I8,  SL_U8,  SL_BF16, SL_F16,
                                                    SL_F32, SL_F64, SL_I32,  SL_I64};

struct Precision {
  SlDataType run = SL_F32;
  std::string note;
};

// What the model's own element types and the settings come to.
Precision PrecisionOf(std::set<SlDataType> types, bool bf16) {
  if (types.empty()) types.insert(SL_F32);
  if (bf16 && types.erase(SL_F32) > 0) types.insert(SL_BF16);
  Precision precision;
  std::string names;
  for (const SlDataType type : kByPrecision) {
    if (!types.contains(type)) continue;
    if (names.empty()) precision.run = type;
    names += kit::Text(names.empty() ? "" : " and ", kit::DataTypeName(type));
  }
  if (types.size() > 1) {
    precision.note = "mixed: convolutions and matrix products are in " + names;
  } else if (bf16) {
    precision.note =
        "Grappler (auto_mixed_precision_onednn_bfloat16) turns the operations it knows into bf16; "
        "the others stay fp32";
  } else if (precision.run == SL_F32) {
    precision.note = "TensorFlow keeps fp32 unless it is told otherwise; oneDNN's math mode is strict";
  } else {
    precision.note = "the model's own element types: convolutions and matrix products are in " + names;
  }
  return precision;
}

// What an engine says of itself, but for its model.
struct Setup {
  SessionSettings settings;
  int64_t begin_ns = 0;
  int64_t framework_load_ns = 0;
};

kit::EngineInfo DescribeEngine(const Model& model, const Setup& setup) {
  const SessionSettings& settings = setup.settings;
  Precision precision = PrecisionOf(model.compute_types, settings.bf16);
  if (settings.gpu >= 0) precision.note += "; on the GPU TF32 is off by NVIDIA_TF32_OVERRIDE=0";
  kit::EngineInfo info;
  info.inputs = model.inputs;
  info.outputs = model.outputs;
  info.precision_run = precision.run;
  info.precision_note = precision.note;
  info.intra_threads = settings.intra_threads > 0 ? settings.intra_threads : CoresAllowed();
  info.inter_threads = settings.inter_threads > 0 ? settings.inter_threads : CoresAllowed();
  info.load_ns = kit::NowNs() - setup.begin_ns;
  info.framework_load_ns = setup.framework_load_ns;
  return info;
}

std::unique_ptr<kit::Engine> MakeGraphEngine(Model model, const Setup& setup) {
  kit::EngineInfo info = DescribeEngine(model, setup);
  return std::make_unique<GraphEngine>(std::move(model), setup.settings, std::move(info));
}

kit::Result<std::unique_ptr<kit::Engine>> CreateEngine(const kit::Model& model,
                                                       const kit::EngineOptions& options,
                                                       int64_t framework_load_ns) {
  const Setup setup{ReadSettings(options), kit::NowNs(), framework_load_ns};
  if (setup.settings.gpu >= 0) {
    KIT_ASSIGN_OR_RETURN(const auto devices, ListDevices(setup.settings));
    KIT_RETURN_IF_ERROR(HoldToDevices(options.device, devices));
  }
  if (model.kind == SL_MODEL_GRAPH) {
    KIT_ASSIGN_OR_RETURN(Model translated, Translate(*model.graph));
    return MakeGraphEngine(std::move(translated), setup);
  }
  const FileChoices choices = {options.values.Word("input"), options.values.Word("output"),
                               options.values.Word("input_shape"), options.values.Word("signature")};
  KIT_ASSIGN_OR_RETURN(OpenedModel opened, OpenModelFile(model.path, choices, setup.settings));
  if (opened.session == nullptr) return MakeGraphEngine(std::move(opened.model), setup);
  kit::EngineInfo info = DescribeEngine(opened.model, setup);
  return std::unique_ptr<kit::Engine>(std::make_unique<SavedModelEngine>(
      std::move(opened), model.path, choices, setup.settings, std::move(info)));
}

constexpr CoreApi kApi = {TF_Version, CreateEngine};

}  // namespace
}  // namespace sightline::tensorflow

extern "C" __attribute__((visibility("default"))) const sightline::tensorflow::CoreApi*
SightlineTensorFlowCore() {
  sightline::tensorflow::Quiet();
  return &sightline::tensorflow::kApi;
}
