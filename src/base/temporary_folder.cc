#include "src/base/temporary_folder.h"

#include <system_error>

namespace sightline {

std::filesystem::path TemporaryFolder() {
  std::error_code code;
  std::filesystem::path folder = std::filesystem::temp_directory_path(code);
  return code ? std::filesystem::path("/tmp") : folder;
}

}  // namespace sightline
