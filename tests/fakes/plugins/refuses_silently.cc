// A backend that can't work here and forgets to say why.
#include "include/sightline/backend_abi.h"

extern "C" __attribute__((visibility("default"))) const SlBackend* SightlineBackend(uint32_t, SlError*) {
  return nullptr;
}
