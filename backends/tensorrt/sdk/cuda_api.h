// The functions of the CUDA runtime that are used, looked up in its library when the plugin is opened: a
// machine without CUDA gets a sentence instead of a plugin that can't be loaded.
#pragma once

#include <cuda_runtime_api.h>

#include <memory>
#include <string>

#include "backends/kit/status.h"

namespace sightline::tensorrt {

struct CudaApi {
  decltype(&cudaDriverGetVersion) driver_version = nullptr;
  decltype(&cudaRuntimeGetVersion) runtime_version = nullptr;
  decltype(&cudaGetDeviceCount) device_count = nullptr;
  decltype(&cudaDeviceGetAttribute) device_attribute = nullptr;
  decltype(&cudaGetErrorString) error_string = nullptr;
  decltype(&cudaGetLastError) last_error = nullptr;
  decltype(&cudaSetDevice) set_device = nullptr;
  decltype(&cudaMemGetInfo) memory_info = nullptr;
  cudaError_t (*allocate)(void**, size_t) = nullptr;
  decltype(&cudaFree) free = nullptr;
  cudaError_t (*allocate_pinned)(void**, size_t, unsigned) = nullptr;
  decltype(&cudaFreeHost) free_pinned = nullptr;
  decltype(&cudaMemcpyAsync) copy_async = nullptr;
  decltype(&cudaStreamCreateWithFlags) stream_create = nullptr;
  decltype(&cudaStreamDestroy) stream_destroy = nullptr;
  decltype(&cudaStreamSynchronize) stream_wait = nullptr;
  decltype(&cudaStreamBeginCapture) capture_begin = nullptr;
  decltype(&cudaStreamEndCapture) capture_end = nullptr;
  cudaError_t (*graph_instantiate)(cudaGraphExec_t*, cudaGraph_t, unsigned long long) = nullptr;
  decltype(&cudaGraphDestroy) graph_destroy = nullptr;
  decltype(&cudaGraphExecDestroy) graph_exec_destroy = nullptr;
  decltype(&cudaGraphLaunch) graph_launch = nullptr;
  decltype(&cudaEventCreateWithFlags) event_create = nullptr;
  decltype(&cudaEventDestroy) event_destroy = nullptr;
  decltype(&cudaEventRecord) event_record = nullptr;
  decltype(&cudaEventSynchronize) event_wait = nullptr;
  decltype(&cudaEventElapsedTime) event_elapsed = nullptr;
};

// Opens the CUDA runtime library and asks for devices. The error says what is missing: the library, the
// driver or a GPU. Thread-safe.
kit::Status OpenCuda();
// What was opened. Only after OpenCuda succeeded.
const CudaApi& Cuda();

// Success, or what CUDA calls the error, with what was tried in front.
kit::Status CudaStatus(cudaError_t error, const char* what);

// How many GPUs there are.
int GpuCount();
struct GpuFacts {
  std::string name;  // "GPU 0 (compute 8.6, 46 multiprocessors)"
  int compute_major = 0;
  int compute_minor = 0;
  int multiprocessors = 0;
  int64_t memory_bytes = -1;
};
kit::Result<GpuFacts> FactsOfGpu(int gpu);
// "12.4": of the numbers CUDA gives.
std::string CudaVersionText(int number);

}  // namespace sightline::tensorrt
