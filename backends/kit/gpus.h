// NVIDIA GPUs as devices of a backend, found without loading CUDA.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "backends/kit/info.h"

namespace sightline::kit {

// NVIDIA GPUs this process may open: device files called nvidia0, nvidia1, ... in `dev`. A container may have
// any of them; CUDA counts those it finds from 0.
int CountNvidiaGpus(const std::filesystem::path& dev = "/dev");

// "cpu", and "cuda:N" for each GPU where the framework has CUDA.
std::vector<DeviceInfo> CudaDevices(bool has_cuda, int gpus);

// N of "cuda:N", -1 for "cpu". `device` is one of CudaDevices.
int GpuOf(const std::string& device);

}  // namespace sightline::kit
