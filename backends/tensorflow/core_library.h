// Opens the plugin's other half, and with it TensorFlow (core/core_api.h says why there are two).
#pragma once

#include "backends/kit/status.h"
#include "backends/tensorflow/core/core_api.h"

namespace sightline::tensorflow {

// The core, opened by the first call; it stays for the life of the process. Call after SettleProcess. Any
// thread.
kit::Result<const CoreApi*> OpenCore();

}  // namespace sightline::tensorflow
