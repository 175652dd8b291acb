// TorchScript files as they are.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "backends/kit/info.h"
#include "backends/kit/status.h"
#include "backends/torch/module.h"
#include "backends/torch/optimize.h"

namespace sightline::torch_backend {

struct FileRequest {
  std::filesystem::path path;
  // "3x224x224": the shape of the input without the batch, since a file does not say it; of several inputs
  // one after the other, "3x224x224,10".
  std::string input_shape;
  Effort optimize = Effort::kFull;
  Placement placement;
};

struct FileModel {
  Module module;
  std::vector<kit::TensorInfo> inputs;  // fp32; "input", or "input_0", "input_1", ...
  // As one run gives them; the batch is open where every output follows it.
  std::vector<kit::TensorInfo> outputs;
  std::string note;
  int64_t optimize_ns = 0;
};
kit::Result<FileModel> OpenFileModel(const FileRequest& request);

}  // namespace sightline::torch_backend
