// A backend built against an earlier header, whose table ended with `run`; what lies behind it is not for the
// host.
#include <cstddef>

#include "tests/fakes/fake_backend.h"

extern "C" __attribute__((visibility("default"))) const SlBackend* SightlineBackend(uint32_t, SlError*) {
  static SlBackend table = sightline::fakes::FakeTable();
  table.struct_size = offsetof(SlBackend, run) + sizeof table.run;
  return &table;
}
