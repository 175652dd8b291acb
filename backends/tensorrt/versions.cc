#include "backends/tensorrt/versions.h"

namespace sightline::tensorrt {

std::string Version::Text() const {
  return kit::Text(major, '.', minor, '.', patch);
}

Version VersionOf(int32_t number) {
  const int32_t major = number >= 100'000 ? 10'000 : 1000;
  return {number / major, number % major / 100, number % 100};
}

kit::Status CheckLibrary(const Version& built, const Version& found) {
  const bool known = (found.major == 8 && found.minor >= 6) || (found.major >= 9 && found.major <= 11);
  if (!known) {
    return kit::Unavailable("TensorRT ", found.Text(), " was found; this plugin knows 8.6 to 11");
  }
  if (found.major != built.major || found.minor < built.minor) {
    return kit::Unavailable("TensorRT ", found.Text(),
                            " was found, but this plugin was built with the headers of ", built.Text(),
                            "; build it again with those of the library");
  }
  return kit::Ok();
}

bool HasPrecisionFlags(const Version& version) {
  return version.major < 11;
}

}  // namespace sightline::tensorrt
