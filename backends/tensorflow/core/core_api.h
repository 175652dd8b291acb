// What the plugin asks of its core library.
//
// The plugin is two libraries, because TensorFlow reads much of its environment while it is being loaded
// (whether to use oneDNN, whom to tell what in its log): the plugin itself knows nothing of TensorFlow, sets
// the environment as the first engine wants it, and only then opens the core, which is linked with
// TensorFlow. Both are built together, so C++ types pass between them.
#pragma once

#include <memory>

#include "backends/kit/kit.h"

namespace sightline::tensorflow {

struct CoreApi {
  const char* (*version)();  // TF_Version
  // `framework_load_ns` is what opening the core took, if this engine was the first; for EngineInfo.
  kit::Result<std::unique_ptr<kit::Engine>> (*create_engine)(const kit::Model& model,
                                                             const kit::EngineOptions& options,
                                                             int64_t framework_load_ns);
};

constexpr const char* kCoreEntryPoint = "SightlineTensorFlowCore";
using CoreEntryPoint = const CoreApi* (*)();

}  // namespace sightline::tensorflow
