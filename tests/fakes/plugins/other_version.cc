// A backend that hands out its table to a host of another ABI version instead of refusing.
#include "tests/fakes/fake_backend.h"

extern "C" __attribute__((visibility("default"))) const SlBackend* SightlineBackend(uint32_t, SlError*) {
  static SlBackend table = sightline::fakes::FakeTable();
  table.abi_version = 77;
  return &table;
}
