// What is behind Module, and how LibTorch's types meet ours. For the files that include LibTorch anyway.
#pragma once

#include <torch/script.h>
#include <torch/version.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "backends/torch/module.h"

namespace sightline::torch_backend {

#if TORCH_VERSION_MAJOR >= 2
namespace warnings = c10::WarningUtils;
#else
namespace warnings = c10::Warning;
#endif

struct Module::State {
  torch::jit::Module module;
  Placement placement;

  at::Device device() const { return at::Device(placement.device); }
};

// Nothing for what has no tensor in LibTorch.
at::ScalarType ToScalarType(SlDataType type);
kit::Result<SlDataType> FromScalarType(at::ScalarType type);

// Lets this thread compute with so many threads. LibTorch's setting is OpenMP's, one for each calling thread.
void UseThreads(int threads);

// What forward returns, in order, with the keys where it is a dictionary: tensors, or tuples, lists and
// dictionaries of them.
using NamedTensors = std::vector<std::pair<std::string, at::Tensor>>;
kit::Result<NamedTensors> Flatten(const c10::IValue& value);

// Calls `body`, which may throw what LibTorch throws, or says that `what` failed. What LibTorch would print
// meanwhile as a warning is not shown: it is about its own insides.
kit::Status Guarded(const std::string& what, const std::function<void()>& body);

}  // namespace sightline::torch_backend
