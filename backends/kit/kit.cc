#include "backends/kit/kit.h"

#include <algorithm>
#include <cstring>
#include <exception>
#include <new>
#include <utility>

using sightline::kit::EngineInfoView;

// The handles of the ABI, as plugins made with the kit define them.
struct SlEngine {
  SlEngine(std::unique_ptr<sightline::kit::Engine> made, int largest_batch, bool has_cores)
      : engine(std::move(made)), info(engine->Info()), max_batch(largest_batch), takes_cores(has_cores) {}

  std::unique_ptr<sightline::kit::Engine> engine;
  EngineInfoView info;
  int max_batch;
  bool takes_cores;
};

struct SlInstance {
  const SlEngine* engine;
  std::unique_ptr<sightline::kit::Instance> instance;
};

namespace sightline::kit {
namespace {

void WriteError(SlError* error, std::string_view message) {
  if (error == nullptr) return;
  const size_t length = std::min<size_t>(message.size(), SL_ERROR_CAPACITY - 1);
  std::memcpy(error->message, message.data(), length);
  error->message[length] = '\0';
  constexpr std::string_view kCut = "...";
  if (length < message.size()) std::memcpy(error->message + length - kCut.size(), kCut.data(), kCut.size());
}

// A template, so that `run` pays for no std::function.
template <typename Body>
SlStatusCode GuardBody(SlError* error, const Body& body) noexcept {
  try {
    const Status status = body();
    if (!status.ok()) WriteError(error, status.message());
    return status.code();
  } catch (const std::bad_alloc&) {
    WriteError(error, "out of memory; try a smaller batch, fewer instances or a smaller model");
    return SL_RESOURCE_EXHAUSTED;
  } catch (const std::exception& exception) {
    WriteError(error, exception.what());
    return SL_INTERNAL;
  } catch (...) {
    WriteError(error, "the framework threw something that is not a std::exception");
    return SL_INTERNAL;
  }
}

// Everything of a SlModel but its kind.
Result<Model> ReadModel(const SlModel& c) {
  constexpr size_t kLeastSize = offsetof(SlModel, path) + sizeof c.path;
  if (c.struct_size < kLeastSize) {
    return InvalidArgument("SlModel.struct_size is ", c.struct_size, ", less than the ", kLeastSize,
                           " bytes of ABI version ", SL_ABI_VERSION);
  }
  Model model;
  model.kind = c.kind;
  model.name = c.name == nullptr ? "model" : c.name;
  if (c.onnx != nullptr) model.onnx = {static_cast<const std::byte*>(c.onnx), c.onnx_bytes};
  model.graph = c.graph;
  if (c.path != nullptr) model.path = c.path;
  return model;
}

struct KindFacts {
  SlModelKind kind;
  const char* name;
  bool (*present)(const Model&);
};
constexpr KindFacts kKinds[] = {
    {SL_MODEL_ONNX, "ONNX bytes", [](const Model& model) { return !model.onnx.empty(); }},
    {SL_MODEL_GRAPH, "a graph", [](const Model& model) { return model.graph != nullptr; }},
    {SL_MODEL_FILE, "a file", [](const Model& model) { return !model.path.empty(); }},
};

// The kind is one the backend takes, and what belongs to it is there.
Status CheckKind(const Model& model, const BackendInfo& info) {
  const auto* facts = std::find_if(std::begin(kKinds), std::end(kKinds),
                                   [&](const KindFacts& known) { return known.kind == model.kind; });
  if (facts == std::end(kKinds))
    return InvalidArgument("model '", model.name, "' is of unknown kind ", model.kind);
  if ((info.model_kinds & static_cast<uint32_t>(model.kind)) == 0) {
    return Unsupported("backend ", info.name, " can't open '", model.name, "' as ", facts->name);
  }
  if (facts->present(model)) return Ok();
  return InvalidArgument("model '", model.name, "' was given as ", facts->name, ", but there is none");
}

// A count and a pointer of the ABI as a span.
template <typename T>
Result<std::span<T>> TensorSpan(T* tensors, int32_t count, const char* role) {
  if (count < 0 || (count > 0 && tensors == nullptr)) {
    return InvalidArgument(role, "s is ", tensors == nullptr ? "null" : "an array", " but their count is ",
                           count);
  }
  return std::span<T>(tensors, static_cast<size_t>(count));
}

Result<uint64_t> RunIdOf(const SlRunOptions* options) {
  constexpr size_t kLeastSize = offsetof(SlRunOptions, run_id) + sizeof options->run_id;
  if (options == nullptr || options->struct_size < kLeastSize) {
    return InvalidArgument("the options of the run are null or shorter than in ABI version ", SL_ABI_VERSION);
  }
  if (options->run_id == 0) return InvalidArgument("run_id is 0, which is the id of no run");
  return options->run_id;
}

// Ends the run it was made for, unless somebody else is to.
class RunScope {
 public:
  explicit RunScope(RunControl& control) : control_(&control) {}
  ~RunScope() {
    if (control_ != nullptr) control_->End();
  }
  RunScope(const RunScope&) = delete;
  RunScope& operator=(const RunScope&) = delete;
  void Release() { control_ = nullptr; }

 private:
  RunControl* control_;
};

// The arguments `run`, `run_async` and `profile` have in common, checked.
struct RunCall {
  SlInstance* instance;
  const SlRunOptions* options;
  const SlTensor* inputs;
  int32_t input_count;
  SlTensor* outputs;
  int32_t output_count;

  // body(Instance&, Inputs, Outputs, RunScope&) -> Status, as a run of its own.
  template <typename Body>
  Status With(const Body& body) const {
    if (instance == nullptr) return InvalidArgument("instance is null");
    const auto id = RunIdOf(options);
    if (!id.ok()) return id.status();
    const auto in = TensorSpan(inputs, input_count, "input");
    if (!in.ok()) return in.status();
    const auto out = TensorSpan(outputs, output_count, "output");
    if (!out.ok()) return out.status();
    const SlEngine& engine = *instance->engine;
    KIT_RETURN_IF_ERROR(CheckTensors(engine.info.info(), engine.max_batch, *in, *out));
    KIT_RETURN_IF_ERROR(instance->instance->control().Begin(*id));
    RunScope scope(instance->instance->control());
    return body(*instance->instance, *in, *out, scope);
  }
};

Result<InstanceOptions> ReadInstanceOptions(const SlInstanceOptions& c, const SlEngine& engine) {
  constexpr size_t kLeastSize = offsetof(SlInstanceOptions, core_count) + sizeof c.core_count;
  if (c.struct_size < kLeastSize) {
    return InvalidArgument("SlInstanceOptions.struct_size is ", c.struct_size, ", less than the ", kLeastSize,
                           " bytes of ABI version ", SL_ABI_VERSION);
  }
  if (c.core_count < 0 || (c.core_count > 0 && c.cores == nullptr)) {
    return InvalidArgument("the cores of an instance are null or their count is negative");
  }
  if (c.core_count > 0 && !engine.takes_cores) {
    return Unsupported("this backend can't keep the threads of an instance on chosen cores");
  }
  return InstanceOptions{c.index, {c.cores, c.cores + c.core_count}};
}

SlStatusCode InstanceCreate(SlEngine* engine, const SlInstanceOptions* options, SlInstance** instance,
                            SlError* error) {
  return GuardBody(error, [&]() -> Status {
    if (engine == nullptr || options == nullptr || instance == nullptr) {
      return InvalidArgument("engine, options or instance is null");
    }
    KIT_ASSIGN_OR_RETURN(const InstanceOptions read, ReadInstanceOptions(*options, *engine));
    KIT_ASSIGN_OR_RETURN(auto made, engine->engine->CreateInstance(read));
    *instance = new SlInstance{engine, std::move(made)};
    return Ok();
  });
}

SlStatusCode Run(SlInstance* instance, const SlRunOptions* options, const SlTensor* inputs,
                 int32_t input_count, SlTensor* outputs, int32_t output_count, SlRunReport* report,
                 SlError* error) {
  return GuardBody(error, [&] {
    return RunCall{instance, options, inputs, input_count, outputs, output_count}.With(
        [&](Instance& self, Inputs in, Outputs out, RunScope&) {
          SpanRecorder spans(report);
          return self.Run(in, out, spans);
        });
  });
}

// The run is over when the author calls the completion, unless it could not be begun.
SlStatusCode RunAsync(SlInstance* instance, const SlRunOptions* options, const SlTensor* inputs,
                      int32_t input_count, SlTensor* outputs, int32_t output_count, SlRunDone done,
                      void* user, SlError* error) {
  return GuardBody(error, [&] {
    if (done == nullptr) return InvalidArgument("done is null");
    return RunCall{instance, options, inputs, input_count, outputs, output_count}.With(
        [&](Instance& self, Inputs in, Outputs out, RunScope& scope) {
          Status begun = self.RunAsync(in, out, RunCompletion(done, user, self.control()));
          if (begun.ok()) scope.Release();
          return begun;
        });
  });
}

SlStatusCode Profile(SlInstance* instance, const SlRunOptions* options, const SlTensor* inputs,
                     int32_t input_count, SlTensor* outputs, int32_t output_count, SlLayerSink sink,
                     void* user, SlError* error) {
  const LayerSink forward = [&](const LayerTime& layer) {
    const SlLayerTime c{sizeof(SlLayerTime), layer.name.c_str(), layer.type.c_str(),
                        layer.duration_ns,   layer.begin_ns,     layer.call_count};
    sink(user, &c);
  };
  return GuardBody(error, [&] {
    if (sink == nullptr) return InvalidArgument("sink is null");
    return RunCall{instance, options, inputs, input_count, outputs, output_count}.With(
        [&](Instance& self, Inputs in, Outputs out, RunScope&) { return self.Profile(in, out, forward); });
  });
}

}  // namespace

void RunCompletion::operator()(const Status& status, const SlRunReport& report) const {
  SlError error{};
  WriteError(&error, status.message());
  control_->End();  // first: the host may begin the next run from inside `done_`
  done_(user_, status.code(), &error, &report);
}

Status Instance::RunAsync(Inputs, Outputs, RunCompletion) {
  return Unsupported("this backend declares SL_FEATURE_ASYNC but does not implement RunAsync");
}

Status Instance::Profile(Inputs, Outputs, const LayerSink&) {
  return Unsupported("this backend declares SL_FEATURE_PROFILE but does not implement Profile");
}

Plugin::Plugin(std::unique_ptr<Backend> backend) : backend_(std::move(backend)), info_(backend_->Info()) {}

SlStatusCode Plugin::EngineCreate(const SlModel* model, const SlEngineOptions* options, SlEngine** engine,
                                  SlError* error) {
  return GuardBody(error, [&]() -> Status {
    if (model == nullptr || options == nullptr || engine == nullptr) {
      return InvalidArgument("model, options or engine is null");
    }
    KIT_ASSIGN_OR_RETURN(const Model read_model, ReadModel(*model));
    KIT_RETURN_IF_ERROR(CheckKind(read_model, info_.info()));
    KIT_ASSIGN_OR_RETURN(const EngineOptions read_options, ReadEngineOptions(*options, info_.info()));
    KIT_ASSIGN_OR_RETURN(auto made, backend_->CreateEngine(read_model, read_options));
    *engine = new SlEngine(std::move(made), read_options.max_batch,
                           (info_.info().features & SL_FEATURE_INSTANCE_CORES) != 0);
    return Ok();
  });
}

SlBackend Plugin::CommonTable() const {
  const uint64_t features = info_.info().features;
  SlBackend table{};
  table.struct_size = sizeof table;
  table.abi_version = SL_ABI_VERSION;
  table.engine_destroy = [](SlEngine* engine) { delete engine; };
  table.engine_info = [](const SlEngine* engine) { return engine == nullptr ? nullptr : &engine->info.c(); };
  table.instance_create = InstanceCreate;
  table.instance_destroy = [](SlInstance* instance) { delete instance; };
  table.run = Run;
  if ((features & SL_FEATURE_ASYNC) != 0) table.run_async = RunAsync;
  if ((features & SL_FEATURE_PROFILE) != 0) table.profile = Profile;
  if ((features & SL_FEATURE_CANCEL) != 0) {
    table.cancel = [](SlInstance* instance, uint64_t run_id) {
      if (instance == nullptr) return;
      Instance& self = *instance->instance;
      self.control().Cancel(run_id, [&] { self.Cancel(); });
    };
  }
  return table;
}

Status CheckHostVersion(uint32_t host_abi_version) {
  if (host_abi_version == SL_ABI_VERSION) return Ok();
  return Unavailable("this plugin was built for version ", SL_ABI_VERSION,
                     " of the backend ABI and the host has ", host_abi_version,
                     "; build plugin and host from the same sources");
}

SlStatusCode Guard(SlError* error, const std::function<Status()>& body) {
  return GuardBody(error, body);
}

}  // namespace sightline::kit
