// A backend that takes the process down.
#include <csignal>

#include "tests/fakes/plugins/faulty.h"

namespace {

struct Crash {
  static constexpr const char* kName = "crashing";
  static sightline::kit::Status Strike() {
    std::raise(SIGSEGV);
    return sightline::kit::Ok();
  }
};

}  // namespace

SIGHTLINE_KIT_BACKEND(sightline::fakes::FaultyBackend<Crash>)
