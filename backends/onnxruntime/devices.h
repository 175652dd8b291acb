// What a session may run on.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "backends/kit/info.h"

namespace sightline::onnxruntime {

// NVIDIA GPUs this process may open: device files called nvidia0, nvidia1, ... in `dev`. A container may have
// any of them; CUDA counts those it finds from 0.
int CountNvidiaGpus(const std::filesystem::path& dev = "/dev");

// "cpu", and "cuda:N" for each GPU where the library has the CUDA provider.
std::vector<kit::DeviceInfo> Devices(bool has_cuda, int gpus);

// N of "cuda:N", -1 for "cpu". `device` is one of Devices.
int GpuOf(const std::string& device);

}  // namespace sightline::onnxruntime
