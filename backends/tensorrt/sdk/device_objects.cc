#include "backends/tensorrt/sdk/device_objects.h"

#include <algorithm>

namespace sightline::tensorrt {

kit::Result<DeviceMemory> AllocateDevice(size_t bytes) {
  void* memory = nullptr;
  KIT_RETURN_IF_ERROR(
      CudaStatus(Cuda().allocate(&memory, std::max<size_t>(bytes, 1)), "allocating memory of the GPU"));
  return DeviceMemory(memory);
}

kit::Result<PinnedMemory> AllocatePinned(size_t bytes) {
  void* memory = nullptr;
  KIT_RETURN_IF_ERROR(
      CudaStatus(Cuda().allocate_pinned(&memory, std::max<size_t>(bytes, 1), cudaHostAllocDefault),
                 "allocating pinned memory"));
  return PinnedMemory(memory);
}

kit::Result<Stream> MakeStream() {
  cudaStream_t stream = nullptr;
  KIT_RETURN_IF_ERROR(CudaStatus(Cuda().stream_create(&stream, cudaStreamNonBlocking), "making a stream"));
  return Stream(stream);
}

kit::Result<Event> MakeEvent() {
  cudaEvent_t event = nullptr;
  KIT_RETURN_IF_ERROR(CudaStatus(Cuda().event_create(&event, cudaEventDefault), "making an event"));
  return Event(event);
}

}  // namespace sightline::tensorrt
