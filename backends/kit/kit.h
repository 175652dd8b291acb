// For authors of backends: three small classes to derive from, and one line that makes a plugin of them.
//
//     class MyBackend final : public sightline::kit::Backend { ... };
//     SIGHTLINE_KIT_BACKEND(MyBackend)
//
// The kit stands between the ABI's function table and these classes. It checks every pointer, option,
// precision, device and tensor before an author's function sees it, catches what is thrown (std::bad_alloc
// becomes SL_RESOURCE_EXHAUSTED, everything else SL_INTERNAL), keeps the C views of info structs alive and
// cuts sentences to SlError's capacity.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "backends/kit/info.h"
#include "backends/kit/options.h"
#include "backends/kit/run_control.h"
#include "backends/kit/spans.h"
#include "backends/kit/status.h"
#include "backends/kit/tensors.h"
#include "include/sightline/backend_abi.h"

namespace sightline::kit {

// As SlModel, already held to BackendInfo::model_kinds. Valid during CreateEngine only.
struct Model {
  SlModelKind kind = SL_MODEL_FILE;
  std::string name;                 // for messages
  std::span<const std::byte> onnx;  // SL_MODEL_ONNX
  const SlGraph* graph =
      nullptr;                 // SL_MODEL_GRAPH; beside `onnx` too: the same network, for names and shapes
  std::filesystem::path path;  // SL_MODEL_FILE
};

using Inputs = std::span<const SlTensor>;
// On entry with the dims of EngineInfo and the batch of the run. Where the data decides (SL_DIM_DYNAMIC) the
// author writes rank and dims, after holding what came out to `bytes`.
using Outputs = std::span<SlTensor>;

// As SlInstanceOptions.
struct InstanceOptions {
  int index = 0;
  std::vector<int> cores;  // empty unless the backend has SL_FEATURE_INSTANCE_CORES
};

// Hands the end of an asynchronous run to the host; called once, on any thread. The host may begin the next
// run from inside the call.
class RunCompletion {
 public:
  RunCompletion(SlRunDone done, void* user, RunControl& control)
      : done_(done), user_(user), control_(&control) {}
  void operator()(const Status& status, const SlRunReport& report) const;

 private:
  SlRunDone done_;
  void* user_;
  RunControl* control_;
};

// As SlLayerTime.
struct LayerTime {
  std::string name;
  std::string type;
  int64_t duration_ns = 0;
  int64_t begin_ns = 0;
  int call_count = 0;
};
using LayerSink = std::function<void(const LayerTime&)>;

// One independently running copy of an engine. The kit lets one run in at a time; only Cancel may come
// meanwhile. Destroyed before its engine. `inputs` and `outputs` have been checked against EngineInfo
// (CheckTensors).
class Instance {
 public:
  virtual ~Instance() = default;

  // One inference, blocking; writes `outputs`. Should allocate nothing of its own.
  virtual Status Run(Inputs inputs, Outputs outputs, SpanRecorder& spans) = 0;
  // With SL_FEATURE_ASYNC: returns at once; tensors and their memory live until `done` is called, once, on
  // any thread. If this returns an error, `done` is not called.
  virtual Status RunAsync(Inputs inputs, Outputs outputs, RunCompletion done);
  // With SL_FEATURE_CANCEL: cancelled() has become true for the run in flight, which is to return Cancelled()
  // soon: interrupt or wake it. Any thread; the run is in flight until this returns.
  virtual void Cancel() {}
  // With SL_FEATURE_PROFILE: one inference as Run, then the time of each layer into `sink`. The engine was
  // created with EngineOptions::profile.
  virtual Status Profile(Inputs inputs, Outputs outputs, const LayerSink& sink);

  // The kit's own.
  RunControl& control() { return control_; }

 protected:
  // Whether the run in flight has been cancelled. A run that resets an interrupt of the framework's own asks
  // this afterwards, so that a cancel that came before is not lost. Any thread.
  bool cancelled() const { return control_.cancelled(); }

 private:
  RunControl control_;
};

// One loaded model. Immutable: CreateInstance may be called from several threads at once.
class Engine {
 public:
  virtual ~Engine() = default;
  // Called once, right after creation; the kit keeps what it returns.
  virtual EngineInfo Info() const = 0;
  virtual Result<std::unique_ptr<Instance>> CreateInstance(const InstanceOptions& options) = 0;
};

// One framework. Made once per process, never destroyed. Functions may be called from several threads at
// once.
class Backend {
 public:
  virtual ~Backend() = default;
  // Asked before Info: whether the framework works on this machine. The error says what is missing.
  virtual Status Available() const { return Ok(); }
  // Called once; the kit keeps what it returns. Cheap: nothing is loaded yet. SL_FEATURE_BUFFERS is not for
  // backends of the kit.
  virtual BackendInfo Info() const = 0;
  // `options` have been checked against Info.
  virtual Result<std::unique_ptr<Engine>> CreateEngine(const Model& model, const EngineOptions& options) = 0;
};

// A backend with the C view of its info and its function table, both of which point into it. Non-template
// half of what SIGHTLINE_KIT_BACKEND makes; authors don't need it.
class Plugin {
 public:
  explicit Plugin(std::unique_ptr<Backend> backend);
  Plugin(const Plugin&) = delete;
  Plugin& operator=(const Plugin&) = delete;

  SlStatusCode EngineCreate(const SlModel* model, const SlEngineOptions* options, SlEngine** engine,
                            SlError* error);
  const BackendInfoView& info() const { return info_; }
  // All of the table but what needs to know which plugin it is for.
  SlBackend CommonTable() const;

 private:
  std::unique_ptr<Backend> backend_;
  BackendInfoView info_;
};

// An error when the host speaks another version of the ABI than this plugin.
Status CheckHostVersion(uint32_t host_abi_version);
// Runs `body` and turns its Status, or what it throws, into a code and a sentence. `error` may be null.
SlStatusCode Guard(SlError* error, const std::function<Status()>& body);

// The table of backend class B, of which there is one object per process.
template <typename B>
class PluginOf {
 public:
  // What the exported entry point does: null and a sentence when this host or this machine won't do.
  static const SlBackend* Enter(uint32_t host_abi_version, SlError* error) {
    const SlBackend* table = nullptr;
    const SlStatusCode code = Guard(error, [&]() -> Status {
      KIT_RETURN_IF_ERROR(CheckHostVersion(host_abi_version));
      static const Result<SlBackend> made = Make();
      if (!made.ok()) return made.status();
      table = &made.value();
      return Ok();
    });
    return code == SL_OK ? table : nullptr;
  }

 private:
  static Result<SlBackend> Make() {
    auto backend = std::make_unique<B>();
    KIT_RETURN_IF_ERROR(backend->Available());
    plugin_ =
        new Plugin(std::move(backend));  // lives as long as the process: frameworks don't survive teardown
    SlBackend table = plugin_->CommonTable();
    table.info = [] { return &plugin_->info().c(); };
    table.engine_create = [](const SlModel* model, const SlEngineOptions* options, SlEngine** engine,
                             SlError* error) { return plugin_->EngineCreate(model, options, engine, error); };
    return table;
  }

  inline static Plugin* plugin_ = nullptr;
};

}  // namespace sightline::kit

// Defines the symbol a plugin exports. Once per plugin, outside of any namespace.
#define SIGHTLINE_KIT_BACKEND(BackendClass)                                            \
  extern "C" __attribute__((visibility("default"))) const SlBackend* SightlineBackend( \
      uint32_t host_abi_version, SlError* error) {                                     \
    return ::sightline::kit::PluginOf<BackendClass>::Enter(host_abi_version, error);   \
  }
