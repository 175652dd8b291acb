// One more instance of an engine with a pipeline around it.
#pragma once

#include <cstdint>
#include <memory>

#include "src/backend/backend.h"
#include "src/pipeline/pipeline.h"

namespace sightline::cli {

// `source` and `clock` are not owned. What making the instance took is added to `*instance_create_ns`, unless
// that is null.
Result<std::unique_ptr<pipeline::Pipeline>> MakePipeline(const pipeline::PipelineSpec& spec,
                                                         const backend::Backend& backend,
                                                         backend::Engine& engine, source::Source* source,
                                                         const Clock& clock,
                                                         int64_t* instance_create_ns = nullptr);

}  // namespace sightline::cli
