// Opens the plugin's other half, and with it TensorFlow (core/core_api.h says why there are two).
#pragma once

#include <cstdint>

#include "backends/kit/status.h"
#include "backends/tensorflow/core/core_api.h"

namespace sightline::tensorflow {

struct OpenedCore {
  const CoreApi* api = nullptr;
  int64_t load_ns = 0;  // what opening it took; 0 where an earlier call had done it
};

// The core, opened by the first call; it stays for the life of the process. Call after SettleProcess. Any
// thread.
kit::Result<OpenedCore> OpenCore();

}  // namespace sightline::tensorflow
