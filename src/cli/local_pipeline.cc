#include "src/cli/local_pipeline.h"

#include <optional>
#include <utility>

namespace sightline::cli {
namespace {

bool HasDynamicBatch(const backend::Backend& backend, const backend::EngineInfo& info) {
  return (backend.info().features & SL_FEATURE_DYNAMIC_BATCH) != 0 && !info.inputs.empty() &&
         info.inputs[0].shape.rank > 0 && info.inputs[0].shape[0] == SL_DIM_BATCH;
}

}  // namespace

int64_t Engines::load_ns() const {
  return first->info().load_ns + (second ? second->info().load_ns : 0);
}

int64_t Engines::compile_ns() const {
  return first->info().compile_ns + (second ? second->info().compile_ns : 0);
}

Result<Engines> CreateEngines(backend::Backend& backend, const LoadedModel& model,
                              const backend::EngineOptions& options) {
  Engines engines;
  SIGHTLINE_ASSIGN_OR_RETURN(engines.first, backend.CreateEngine(model.source(), options));
  if (!model.second_network) return engines;
  backend::EngineOptions of_second = options;
  of_second.max_batch *= ProposalsOf(model.task);
  auto second = backend.CreateEngine(
      {.name = model.name + ", second stage", .network = &*model.second_network, .file = {}}, of_second);
  if (!second.ok()) return second.error().WithContext("second stage");
  engines.second = std::move(second).value();
  return engines;
}

Result<std::unique_ptr<pipeline::Pipeline>> MakePipeline(const pipeline::PipelineSpec& spec,
                                                         const backend::Backend& backend,
                                                         const Engines& engines, source::Source* source,
                                                         const Clock& clock, int64_t* instance_create_ns) {
  const int64_t begin_ns = clock.NowNs();
  SIGHTLINE_ASSIGN_OR_RETURN(auto instance, engines.first->CreateInstance());
  std::optional<pipeline::SecondNetwork> second;
  if (engines.second) {
    const backend::EngineInfo& info = engines.second->info();
    SIGHTLINE_ASSIGN_OR_RETURN(auto second_instance, engines.second->CreateInstance());
    second.emplace(info, HasDynamicBatch(backend, info), std::move(second_instance));
  }
  if (instance_create_ns != nullptr) *instance_create_ns += clock.NowNs() - begin_ns;
  const backend::EngineInfo& info = engines.info();
  return pipeline::Pipeline::Create(spec, info, HasDynamicBatch(backend, info), std::move(instance), source,
                                    clock, std::move(second));
}

}  // namespace sightline::cli
