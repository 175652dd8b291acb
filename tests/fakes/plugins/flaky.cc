// A backend that takes every second process down. The launches are counted in the file that the environment
// variable SIGHTLINE_FLAKY_FILE names, one byte each; without it, nothing happens.
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "tests/fakes/plugins/faulty.h"

namespace {

// Whether this process is one of those that fail: the 2nd, the 4th, ...
bool IsUnlucky() {
  const char* file = std::getenv("SIGHTLINE_FLAKY_FILE");
  if (file == nullptr) return false;
  std::ofstream(file, std::ios::app) << '.';
  return std::filesystem::file_size(file) % 2 == 0;
}

struct Flake {
  static constexpr const char* kName = "flaky";
  static sightline::kit::Status Strike() {
    static const bool unlucky = IsUnlucky();
    if (unlucky) std::abort();
    return sightline::kit::Ok();
  }
};

}  // namespace

SIGHTLINE_KIT_BACKEND(sightline::fakes::FaultyBackend<Flake>)
