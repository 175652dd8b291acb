#include "backends/torch/library_facts.h"

#include <algorithm>
#include <array>
#include <vector>

namespace sightline::torch_backend {
namespace {

// What stands between `key` and the next of `ends`; "" where the key is not there.
std::string After(std::string_view text, std::string_view key, std::string_view ends) {
  const size_t at = text.find(key);
  if (at == std::string_view::npos) return "";
  const size_t begin = at + key.size();
  return std::string(text.substr(begin, text.find_first_of(ends, begin) - begin));
}

std::string Trimmed(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return "";
  return std::string(text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1));
}

}  // namespace

std::string VersionIn(std::string_view config) {
  return Trimmed(After(config, "TORCH_VERSION=", ", \n"));
}

std::string CondenseBuild(std::string_view config, std::string_view parallel) {
  const std::array<std::pair<std::string, std::string>, 4> parts = {{
      {"", Trimmed(After(parallel, "ATen parallel backend:", "\n"))},
      {"oneDNN ", Trimmed(After(config, "Intel(R) MKL-DNN ", "(\n"))},
      {"BLAS ", Trimmed(After(config, "BLAS_INFO=", ",\n"))},
      {"", Trimmed(After(config, "CPU capability usage:", "\n"))},
  }};
  std::string line;
  for (const auto& [label, value] : parts) {
    if (!value.empty()) line += (line.empty() ? "" : "; ") + label + value;
  }
  return line;
}

std::string CondenseMessage(std::string_view message) {
  constexpr size_t kMost = 300;
  std::string line;
  while (!message.empty() && line.size() < kMost) {
    const size_t end = message.find('\n');
    const std::string part = Trimmed(message.substr(0, end));
    // TorchScript's own lines: the stack of calls, and the source that failed with a mark under it.
    const bool is_source =
        part.starts_with("File \"") || part.starts_with("~") || part.starts_with("Traceback of");
    if (!part.empty() && !is_source) line += (line.empty() ? "" : " ") + part;
    if (end == std::string_view::npos) break;
    message.remove_prefix(end + 1);
  }
  if (line.size() > kMost) line = line.substr(0, kMost) + "...";
  return line;
}

}  // namespace sightline::torch_backend
