#include "backends/torch/file_kind.h"

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <string>

namespace sightline::torch_backend {
namespace {

// A zip archive lists its members at its end; a member's name is written there in plain.
std::string Tail(std::ifstream& file, std::streamoff size) {
  constexpr std::streamoff kMost = 4 << 20;
  const std::streamoff length = std::min(size, kMost);
  std::string bytes(static_cast<size_t>(length), '\0');
  file.seekg(size - length);
  file.read(bytes.data(), length);
  return bytes;
}

}  // namespace

kit::Status CheckTorchScriptFile(const std::filesystem::path& path) {
  std::error_code error;
  const auto size = static_cast<std::streamoff>(std::filesystem::file_size(path, error));
  std::ifstream file(path, std::ios::binary);
  if (error || !file) return kit::NotFound(path.string(), " does not exist or can't be read");
  std::string head(4, '\0');
  file.read(head.data(), 4);
  file.clear();
  constexpr const char* kHow =
      "; TorchScript is what torch.jit.save writes of torch.jit.trace or torch.jit.script";
  const bool is_zip = head == std::string("PK\x03\x04");
  const std::string tail = Tail(file, size);
  if (is_zip && tail.find("/constants.pkl") != std::string::npos) return kit::Ok();
  // Before PyTorch 1.6 torch.save wrote a bare pickle: protocol 2 or later.
  const bool is_pickle = head.size() > 1 && head[0] == '\x80' && head[1] >= 2 && head[1] <= 5;
  if (is_pickle || (is_zip && tail.find("/data.pkl") != std::string::npos)) {
    return kit::InvalidArgument(
        path.string(), " is a pickle of weights or of a Python object (torch.save), not TorchScript", kHow);
  }
  return kit::InvalidArgument(path.string(), " is not a TorchScript file", kHow);
}

}  // namespace sightline::torch_backend
