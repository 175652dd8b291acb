// Whether a file is TorchScript, before LibTorch is asked to read it.
#pragma once

#include <filesystem>

#include "backends/kit/status.h"

namespace sightline::torch_backend {

// An error that says what the file is instead: weights that torch.save wrote, or something else altogether.
kit::Status CheckTorchScriptFile(const std::filesystem::path& path);

}  // namespace sightline::torch_backend
