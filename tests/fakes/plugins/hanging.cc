// A backend whose inference never returns.
#include <unistd.h>

#include "tests/fakes/plugins/faulty.h"

namespace {

struct Hang {
  static constexpr const char* kName = "hanging";
  static sightline::kit::Status Strike() {
    for (;;) pause();
  }
};

}  // namespace

SIGHTLINE_KIT_BACKEND(sightline::fakes::FaultyBackend<Hang>)
