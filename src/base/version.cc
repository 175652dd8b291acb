#include "src/base/version.h"

namespace sightline {

std::string VersionText() {
  return "sightline " SIGHTLINE_VERSION " (" SIGHTLINE_REVISION ")";
}

std::string BuildText() {
  return "g++ " __VERSION__ ", " SIGHTLINE_BUILD_TYPE ", " SIGHTLINE_REVISION;
}

}  // namespace sightline
