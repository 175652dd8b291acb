#include "backends/tensorflow/core/devices.h"

#include <algorithm>

namespace sightline::tensorflow {
namespace {

// "/job:localhost/replica:0/task:0/device:CPU:0" is "CPU:0".
std::string ShortName(const LibraryDevice& device) {
  const size_t at = device.name.rfind("device:");
  return at == std::string::npos ? device.name : device.name.substr(at + std::string_view("device:").size());
}

}  // namespace

kit::Status HoldToDevices(const std::string& device, std::span<const LibraryDevice> devices) {
  if (device == "cpu") return kit::Ok();
  const auto is_gpu = [](const LibraryDevice& one) { return one.type == "GPU"; };
  if (std::any_of(devices.begin(), devices.end(), is_gpu)) return kit::Ok();
  std::string names;
  for (const LibraryDevice& one : devices) names += (names.empty() ? "" : ", ") + ShortName(one);
  return kit::Unavailable("TensorFlow finds no GPU for device '", device,
                          "'; it lists: ", names.empty() ? "nothing" : names,
                          "; its CUDA libraries have to be found (LD_LIBRARY_PATH) and fit the driver");
}

}  // namespace sightline::tensorflow
