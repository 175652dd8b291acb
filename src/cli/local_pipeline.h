// The engines of a model, and instances of them with a pipeline around.
#pragma once

#include <cstdint>
#include <memory>

#include "src/backend/backend.h"
#include "src/cli/model.h"
#include "src/pipeline/pipeline.h"

namespace sightline::cli {

// One engine; two of a detector in two stages.
struct Engines {
  std::shared_ptr<backend::Engine> first;
  std::shared_ptr<backend::Engine> second;  // null where there is one stage

  const backend::EngineInfo& info() const { return first->info(); }
  // Of both together, as EngineInfo has them.
  int64_t load_ns() const;
  int64_t compile_ns() const;
};

// The second stage's engine takes the proposals of all frames of a batch together. `options` is the first's.
Result<Engines> CreateEngines(backend::Backend& backend, const LoadedModel& model,
                              const backend::EngineOptions& options);

// One more instance of the engines with a pipeline around it. `source` and `clock` are not owned. What making
// the instance took is added to `*instance_create_ns`, unless that is null.
Result<std::unique_ptr<pipeline::Pipeline>> MakePipeline(const pipeline::PipelineSpec& spec,
                                                         const backend::Backend& backend,
                                                         const Engines& engines, source::Source* source,
                                                         const Clock& clock,
                                                         int64_t* instance_create_ns = nullptr);

}  // namespace sightline::cli
