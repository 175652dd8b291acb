// Engines and instances of the LibTorch plugin.
#pragma once

#include <memory>

#include "backends/kit/kit.h"
#include "backends/kit/status.h"

namespace sightline::torch_backend {

kit::Result<std::unique_ptr<kit::Engine>> CreateEngine(const kit::Model& model,
                                                       const kit::EngineOptions& options);

}  // namespace sightline::torch_backend
