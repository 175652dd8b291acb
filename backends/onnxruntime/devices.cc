#include "backends/onnxruntime/devices.h"

#include <charconv>
#include <string_view>

#include "backends/kit/status.h"

namespace sightline::onnxruntime {

namespace {
constexpr std::string_view kCuda = "cuda:";
}  // namespace

int CountNvidiaGpus(const std::filesystem::path& dev) {
  int count = 0;
  std::error_code ignored;
  while (std::filesystem::exists(dev / kit::Text("nvidia", count), ignored)) ++count;
  return count;
}

std::vector<kit::DeviceInfo> Devices(bool has_cuda, int gpus) {
  std::vector<kit::DeviceInfo> devices = {{"cpu", "CPU", -1}};
  for (int i = 0; has_cuda && i < gpus; ++i) {
    devices.push_back({kit::Text(kCuda, i), kit::Text("NVIDIA GPU ", i), -1});
  }
  return devices;
}

int GpuOf(const std::string& device) {
  int gpu = -1;
  if (device.starts_with(kCuda)) {
    std::from_chars(device.data() + kCuda.size(), device.data() + device.size(), gpu);
  }
  return gpu;
}

}  // namespace sightline::onnxruntime
