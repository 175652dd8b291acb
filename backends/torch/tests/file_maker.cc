#include "backends/torch/tests/file_maker.h"

#include <torch/script.h>

#include <fstream>

namespace sightline::torch_backend {

void WriteTorchScript(const std::filesystem::path& file, const std::string& source) {
  torch::jit::Module module("net");
  module.register_parameter("weights", at::full({4, 3, 3, 3}, 0.1), false);
  module.define(source);
  module.eval();
  module.save(file.string());
}

void WriteWeights(const std::filesystem::path& file) {
  c10::Dict<std::string, at::Tensor> weights;
  weights.insert("conv.weight", at::ones({4, 3, 3, 3}));
  const std::vector<char> bytes = torch::jit::pickle_save(weights);
  std::ofstream(file, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

}  // namespace sightline::torch_backend
