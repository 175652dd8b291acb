// One more instance of an engine with a pipeline around it.
#pragma once

#include <memory>

#include "src/backend/backend.h"
#include "src/pipeline/pipeline.h"

namespace sightline::cli {

// `source` and `clock` are not owned.
Result<std::unique_ptr<pipeline::Pipeline>> MakePipeline(const pipeline::PipelineSpec& spec,
                                                         const backend::Backend& backend,
                                                         backend::Engine& engine, source::Source* source,
                                                         const Clock& clock);

}  // namespace sightline::cli
