// What the library itself says it can run on.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "backends/kit/status.h"

namespace sightline::tensorflow {

// As TF_SessionListDevices has it.
struct LibraryDevice {
  std::string name;  // "/job:localhost/replica:0/task:0/device:GPU:0"
  std::string type;  // "CPU", "GPU", ...
};

// Whether a session that was asked to compute on `device` ("cuda:N"; only that GPU is visible to it) has one;
// "cpu" always fits. The error is one sentence with what there is.
kit::Status HoldToDevices(const std::string& device, std::span<const LibraryDevice> devices);

}  // namespace sightline::tensorflow
