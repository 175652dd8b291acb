#include "backends/tensorrt/sdk/cuda_api.h"

#include <dlfcn.h>

namespace sightline::tensorrt {
namespace {

// The first function that was not found, for the sentence.
class Lookup {
 public:
  explicit Lookup(void* library) : library_(library) {}

  template <typename Function>
  void Find(Function& function, const char* name) {
    function = reinterpret_cast<Function>(dlsym(library_, name));
    if (function == nullptr && missing_.empty()) missing_ = name;
  }
  const std::string& missing() const { return missing_; }

 private:
  void* library_;
  std::string missing_;
};

void FindDeviceFunctions(Lookup& lookup, CudaApi& api) {
  lookup.Find(api.driver_version, "cudaDriverGetVersion");
  lookup.Find(api.runtime_version, "cudaRuntimeGetVersion");
  lookup.Find(api.device_count, "cudaGetDeviceCount");
  lookup.Find(api.device_attribute, "cudaDeviceGetAttribute");
  lookup.Find(api.error_string, "cudaGetErrorString");
  lookup.Find(api.last_error, "cudaGetLastError");
  lookup.Find(api.set_device, "cudaSetDevice");
  lookup.Find(api.memory_info, "cudaMemGetInfo");
  lookup.Find(api.allocate, "cudaMalloc");
  lookup.Find(api.free, "cudaFree");
  lookup.Find(api.allocate_pinned, "cudaHostAlloc");
  lookup.Find(api.free_pinned, "cudaFreeHost");
}

void FindStreamFunctions(Lookup& lookup, CudaApi& api) {
  lookup.Find(api.copy_async, "cudaMemcpyAsync");
  lookup.Find(api.stream_create, "cudaStreamCreateWithFlags");
  lookup.Find(api.stream_destroy, "cudaStreamDestroy");
  lookup.Find(api.stream_wait, "cudaStreamSynchronize");
  lookup.Find(api.capture_begin, "cudaStreamBeginCapture");
  lookup.Find(api.capture_end, "cudaStreamEndCapture");
  lookup.Find(api.graph_instantiate, "cudaGraphInstantiateWithFlags");  // one signature from CUDA 11.4 to 13
  lookup.Find(api.graph_destroy, "cudaGraphDestroy");
  lookup.Find(api.graph_exec_destroy, "cudaGraphExecDestroy");
  lookup.Find(api.graph_launch, "cudaGraphLaunch");
  lookup.Find(api.event_create, "cudaEventCreateWithFlags");
  lookup.Find(api.event_destroy, "cudaEventDestroy");
  lookup.Find(api.event_record, "cudaEventRecord");
  lookup.Find(api.event_wait, "cudaEventSynchronize");
  lookup.Find(api.event_elapsed, "cudaEventElapsedTime");
}

kit::Status CheckDevices(const CudaApi& api) {
  int count = 0;
  const cudaError_t error = api.device_count(&count);
  if (error == cudaErrorInsufficientDriver) {
    int driver = 0;
    static_cast<void>(api.driver_version(&driver));
    return kit::Unavailable(driver == 0
                                ? std::string("this machine has no NVIDIA driver")
                                : kit::Text("the NVIDIA driver knows CUDA up to ", CudaVersionText(driver),
                                            " only, and this plugin needs ", CudaVersionText(CUDART_VERSION)),
                            "; TensorRT needs a GPU with one");
  }
  if (error != cudaSuccess) {
    return kit::Unavailable("CUDA finds no GPU (", api.error_string(error), "); TensorRT needs one");
  }
  return count > 0 ? kit::Ok() : kit::Unavailable("this machine has no NVIDIA GPU, which TensorRT needs");
}

kit::Result<CudaApi> Open() {
  const std::string name = kit::Text("libcudart.so.", CUDART_VERSION / 1000);
  void* library = dlopen(kit::Text(SIGHTLINE_CUDA_FOLDER, "/", name).c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) library = dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    return kit::Unavailable("the CUDA runtime can't be loaded (", dlerror(), "); install CUDA ",
                            CUDART_VERSION / 1000);
  }
  CudaApi api;
  Lookup lookup(library);
  FindDeviceFunctions(lookup, api);
  FindStreamFunctions(lookup, api);
  if (!lookup.missing().empty()) return kit::Unavailable(name, " has no function ", lookup.missing());
  KIT_RETURN_IF_ERROR(CheckDevices(api));
  return api;
}

const kit::Result<CudaApi>& Opened() {
  static const auto* const opened =
      new kit::Result<CudaApi>(Open());  // never destroyed: streams may outlive it
  return *opened;
}

int Attribute(cudaDeviceAttr attribute, int gpu) {
  int value = 0;
  return Cuda().device_attribute(&value, attribute, gpu) == cudaSuccess ? value : 0;
}

}  // namespace

kit::Status OpenCuda() {
  return Opened().status();
}

const CudaApi& Cuda() {
  return Opened().value();
}

kit::Status CudaStatus(cudaError_t error, const char* what) {
  if (error == cudaSuccess) return kit::Ok();
  static_cast<void>(Cuda().last_error());  // an error that is not sticky is not to fail the next call
  const std::string sentence = kit::Text(what, " failed: ", Cuda().error_string(error));
  return {error == cudaErrorMemoryAllocation ? SL_RESOURCE_EXHAUSTED : SL_INTERNAL, sentence};
}

int GpuCount() {
  int count = 0;
  return Cuda().device_count(&count) == cudaSuccess ? count : 0;
}

kit::Result<GpuFacts> FactsOfGpu(int gpu) {
  KIT_RETURN_IF_ERROR(CudaStatus(Cuda().set_device(gpu), "choosing the GPU"));
  GpuFacts facts;
  facts.compute_major = Attribute(cudaDevAttrComputeCapabilityMajor, gpu);
  facts.compute_minor = Attribute(cudaDevAttrComputeCapabilityMinor, gpu);
  facts.multiprocessors = Attribute(cudaDevAttrMultiProcessorCount, gpu);
  size_t free_bytes = 0;
  size_t total_bytes = 0;
  if (Cuda().memory_info(&free_bytes, &total_bytes) == cudaSuccess) {
    facts.memory_bytes = static_cast<int64_t>(total_bytes);
  }
  facts.name = kit::Text("GPU ", gpu, " (compute ", facts.compute_major, '.', facts.compute_minor, ", ",
                         facts.multiprocessors, " multiprocessors)");
  return facts;
}

std::string CudaVersionText(int number) {
  return kit::Text(number / 1000, '.', number % 1000 / 10);
}

}  // namespace sightline::tensorrt
