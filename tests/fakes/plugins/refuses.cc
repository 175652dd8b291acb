// A backend that can't work here and says why.
#include <cstdio>

#include "include/sightline/backend_abi.h"

extern "C" __attribute__((visibility("default"))) const SlBackend* SightlineBackend(uint32_t,
                                                                                    SlError* error) {
  std::snprintf(error->message, sizeof error->message, "this processor has no abacus unit");
  return nullptr;
}
