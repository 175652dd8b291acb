#include "backends/onnxruntime/library_path.h"

#include <charconv>

namespace sightline::onnxruntime {

std::string LibraryPath(const char* chosen, const char* built_in) {
  return chosen == nullptr || *chosen == '\0' ? built_in : chosen;
}

int ApiVersionOf(const std::string& library_version) {
  if (!library_version.starts_with("1.")) return 0;
  int minor = 0;
  std::from_chars(library_version.data() + 2, library_version.data() + library_version.size(), minor);
  return minor;
}

}  // namespace sightline::onnxruntime
