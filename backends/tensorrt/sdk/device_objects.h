// Memory, streams and events of a GPU, with owners.
#pragma once

#include <cstddef>
#include <memory>
#include <type_traits>

#include "backends/tensorrt/sdk/cuda_api.h"

namespace sightline::tensorrt {

struct FreeDevice {
  void operator()(void* memory) const { static_cast<void>(Cuda().free(memory)); }
};
struct FreePinned {
  void operator()(void* memory) const { static_cast<void>(Cuda().free_pinned(memory)); }
};
struct DestroyStream {
  void operator()(cudaStream_t stream) const { static_cast<void>(Cuda().stream_destroy(stream)); }
};
struct DestroyEvent {
  void operator()(cudaEvent_t event) const { static_cast<void>(Cuda().event_destroy(event)); }
};
struct DestroyGraph {
  void operator()(cudaGraph_t graph) const { static_cast<void>(Cuda().graph_destroy(graph)); }
};
struct DestroyGraphExec {
  void operator()(cudaGraphExec_t graph) const { static_cast<void>(Cuda().graph_exec_destroy(graph)); }
};

using DeviceMemory = std::unique_ptr<void, FreeDevice>;
using PinnedMemory = std::unique_ptr<void, FreePinned>;  // of the host, which the GPU copies without a detour
using Stream = std::unique_ptr<std::remove_pointer_t<cudaStream_t>, DestroyStream>;
using Event = std::unique_ptr<std::remove_pointer_t<cudaEvent_t>, DestroyEvent>;
using Graph = std::unique_ptr<std::remove_pointer_t<cudaGraph_t>, DestroyGraph>;
using GraphExec = std::unique_ptr<std::remove_pointer_t<cudaGraphExec_t>, DestroyGraphExec>;

// Of the GPU the calling thread has chosen. `bytes` 0 gives memory of one byte.
kit::Result<DeviceMemory> AllocateDevice(size_t bytes);
kit::Result<PinnedMemory> AllocatePinned(size_t bytes);
kit::Result<Stream> MakeStream();
// For timing.
kit::Result<Event> MakeEvent();

}  // namespace sightline::tensorrt
