// Files as PyTorch writes them.
#pragma once

#include <filesystem>
#include <string>

namespace sightline::torch_backend {

// A TorchScript module of this source (a method "def forward(self, x): ..."), saved; with a convolution's
// weights [4, 3, 3, 3] as self.weights, all 0.1.
void WriteTorchScript(const std::filesystem::path& file, const std::string& source);
// A dictionary of weights, as torch.save writes it.
void WriteWeights(const std::filesystem::path& file);

}  // namespace sightline::torch_backend
