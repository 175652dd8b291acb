// What an engine is compiled with.
#pragma once

#include <openvino/core/any.hpp>
#include <vector>

#include "backends/kit/kit.h"

namespace sightline::openvino_backend {

// The keys of --option.
std::vector<kit::OptionInfo> Options();

// The properties of Core::compile_model for `options`. The precision of the arithmetic is always among them:
// left to itself OpenVINO computes in bf16 on CPUs that have it.
ov::AnyMap Properties(const kit::EngineOptions& options);

}  // namespace sightline::openvino_backend
