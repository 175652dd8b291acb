// An engine holds one module; its instances share it, since running a module changes nothing in it.
#include "backends/torch/engine.h"

#include <string>
#include <utility>
#include <vector>

#include "backends/torch/file_model.h"
#include "backends/torch/module.h"
#include "backends/torch/optimize.h"
#include "backends/torch/translate.h"

namespace sightline::torch_backend {
namespace {

// What a module is run with.
struct Loaded {
  Module module;
  std::vector<Layer> layers;
  kit::EngineInfo info;
};

class TorchInstance final : public kit::Instance {
 public:
  explicit TorchInstance(std::shared_ptr<const Loaded> loaded) : loaded_(std::move(loaded)) {}

  kit::Status Run(kit::Inputs inputs, kit::Outputs outputs, kit::SpanRecorder& spans) override {
    return loaded_->module.Run(inputs, outputs, loaded_->info.inputs, spans);
  }
  kit::Status Profile(kit::Inputs inputs, kit::Outputs outputs, const kit::LayerSink& sink) override {
    return loaded_->module.Profile(inputs, outputs, loaded_->info.inputs, loaded_->layers, sink);
  }

 private:
  std::shared_ptr<const Loaded> loaded_;
};

class TorchEngine final : public kit::Engine {
 public:
  explicit TorchEngine(Loaded loaded) : loaded_(std::make_shared<const Loaded>(std::move(loaded))) {}

  kit::EngineInfo Info() const override { return loaded_->info; }
  kit::Result<std::unique_ptr<kit::Instance>> CreateInstance(const kit::InstanceOptions&) override {
    return std::unique_ptr<kit::Instance>(std::make_unique<TorchInstance>(loaded_));
  }

 private:
  std::shared_ptr<const Loaded> loaded_;
};

Placement PlacementOf(const kit::EngineOptions& options) {
  return {options.intra_threads > 0 ? options.intra_threads : Library().default_threads, options.device};
}

kit::Result<Loaded> LoadGraph(const kit::Model& model, const kit::EngineOptions& options) {
  const GraphRequest request{.graph = model.graph,
                             .floats = options.precision,
                             .optimize = ParseEffort(options.values.Word("optimize")),
                             .placement = PlacementOf(options)};
  KIT_ASSIGN_OR_RETURN(OptimizedGraph graph, OptimizeGraph(request));
  Loaded loaded{std::move(graph.module), std::move(graph.layers), {}};
  loaded.info.inputs = std::move(graph.inputs);
  loaded.info.outputs = std::move(graph.outputs);
  loaded.info.precision_note = graph.note;
  loaded.info.compile_ns = graph.optimize_ns;
  loaded.info.precision_run = options.precision;
  return loaded;
}

kit::Result<Loaded> LoadFile(const kit::Model& model, const kit::EngineOptions& options) {
  const FileRequest request{.path = model.path,
                            .input_shape = options.values.Word("input_shape"),
                            .optimize = ParseEffort(options.values.Word("optimize")),
                            .placement = PlacementOf(options)};
  KIT_ASSIGN_OR_RETURN(FileModel file, OpenFileModel(request));
  Loaded loaded{std::move(file.module), {}, {}};
  loaded.info.inputs = std::move(file.inputs);
  loaded.info.outputs = std::move(file.outputs);
  loaded.info.precision_note = file.note;
  loaded.info.compile_ns = file.optimize_ns;
  loaded.info.precision_run = SL_F32;
  return loaded;
}

}  // namespace

kit::Result<std::unique_ptr<kit::Engine>> CreateEngine(const kit::Model& model,
                                                       const kit::EngineOptions& options) {
  const int64_t begin_ns = kit::NowNs();
  const bool is_file = model.kind == SL_MODEL_FILE;
  if (is_file && options.precision != SL_F32) {
    return kit::Unsupported("a TorchScript file computes in its own types; ",
                            kit::DataTypeName(options.precision), " is for ONNX networks");
  }
  KIT_ASSIGN_OR_RETURN(Loaded loaded, is_file ? LoadFile(model, options) : LoadGraph(model, options));
  const Placement placement = PlacementOf(options);
  // Without OpenMP the instances share the threads of the process.
  const bool shared = !Library().threads_per_caller && options.instance_count > 1;
  loaded.info.intra_threads = shared ? 0 : placement.threads;
  loaded.info.inter_threads = 1;  // nothing a network does here runs side by side
  loaded.info.load_ns = kit::NowNs() - begin_ns - loaded.info.compile_ns;
  return std::unique_ptr<kit::Engine>(std::make_unique<TorchEngine>(std::move(loaded)));
}

}  // namespace sightline::torch_backend
