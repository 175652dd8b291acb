#include "backends/kit/gpus.h"

#include <charconv>
#include <string_view>
#include <system_error>

#include "backends/kit/status.h"

namespace sightline::kit {

namespace {

constexpr std::string_view kCuda = "cuda:";

// "nvidia" and a number; nvidiactl and its like are no GPUs.
bool NamesGpu(std::string_view name) {
  constexpr std::string_view kStem = "nvidia";
  return name.size() > kStem.size() && name.starts_with(kStem) &&
         name.find_first_not_of("0123456789", kStem.size()) == std::string_view::npos;
}

}  // namespace

int CountNvidiaGpus(const std::filesystem::path& dev) {
  std::error_code unreadable;  // a folder that is not there holds no GPU
  int count = 0;
  for (std::filesystem::directory_iterator entry(dev, unreadable), end; !unreadable && entry != end;
       entry.increment(unreadable)) {
    if (NamesGpu(entry->path().filename().string())) ++count;
  }
  return count;
}

std::vector<DeviceInfo> CudaDevices(bool has_cuda, int gpus) {
  std::vector<DeviceInfo> devices = {{"cpu", "CPU", -1}};
  for (int i = 0; has_cuda && i < gpus; ++i) {
    devices.push_back({Text(kCuda, i), Text("NVIDIA GPU ", i), -1});
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

}  // namespace sightline::kit
