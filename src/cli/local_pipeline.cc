#include "src/cli/local_pipeline.h"

namespace sightline::cli {

Result<std::unique_ptr<pipeline::Pipeline>> MakePipeline(const pipeline::PipelineSpec& spec,
                                                         const backend::Backend& backend,
                                                         backend::Engine& engine, source::Source* source,
                                                         const Clock& clock, int64_t* instance_create_ns) {
  const int64_t begin_ns = clock.NowNs();
  SIGHTLINE_ASSIGN_OR_RETURN(auto instance, engine.CreateInstance());
  if (instance_create_ns != nullptr) *instance_create_ns += clock.NowNs() - begin_ns;
  const backend::EngineInfo& info = engine.info();
  const bool dynamic_batch = (backend.info().features & SL_FEATURE_DYNAMIC_BATCH) != 0 &&
                             !info.inputs.empty() && info.inputs[0].shape.rank > 0 &&
                             info.inputs[0].shape[0] == SL_DIM_BATCH;
  return pipeline::Pipeline::Create(spec, info, dynamic_batch, std::move(instance), source, clock);
}

}  // namespace sightline::cli
