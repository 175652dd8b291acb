// The whole translation.
#pragma once

#include "backends/kit/status.h"
#include "backends/torch/program.h"
#include "backends/torch/translation.h"
#include "include/sightline/backend_abi.h"

namespace sightline::torch_backend {

// The program refers to the graph's constants, so the graph lives as long. Unsupported operators are named,
// all of them.
kit::Result<Program> Translate(const SlGraph& graph, const TranslationSettings& settings);

}  // namespace sightline::torch_backend
