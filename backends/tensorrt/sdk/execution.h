// One execution context with a stream, events and memory of its own: what an instance runs.
#pragma once

#include <NvInfer.h>

#include <array>
#include <map>
#include <memory>
#include <vector>

#include "backends/kit/kit.h"
#include "backends/tensorrt/choices.h"
#include "backends/tensorrt/sdk/device_objects.h"

namespace sightline::tensorrt {

// One run at a time.
class Execution {
 public:
  // `engine` and `info` outlive it. Allocates for the largest batch.
  static kit::Result<std::unique_ptr<Execution>> Make(nvinfer1::ICudaEngine& engine,
                                                      const kit::EngineInfo& info, const Choices& choices);

  // Into pinned memory, to the GPU, through the network, back, and to where the caller asked. Blocks.
  kit::Status Run(kit::Inputs inputs, kit::Outputs outputs, kit::SpanRecorder& spans);
  // The same with TensorRT's profiler, never as a graph.
  kit::Status Profile(kit::Inputs inputs, kit::Outputs outputs, const kit::LayerSink& sink);

 private:
  // A tensor on its way: the caller's memory <-> pinned <-> device.
  struct Buffer {
    PinnedMemory pinned;
    DeviceMemory device;
    std::string name;
  };
  enum Moment { kQueued, kCopiedIn, kComputed, kCopiedOut, kMomentCount };

  Execution(const kit::EngineInfo& info, const Choices& choices) : info_(info), choices_(choices) {}
  kit::Status Prepare(nvinfer1::ICudaEngine& engine);
  kit::Status AddBuffers(const std::vector<kit::TensorInfo>& tensors, std::vector<Buffer>& buffers) const;
  kit::Status SetBatch(int64_t batch);
  kit::Status Queue(int64_t batch, bool as_graph);
  kit::Status Compute(int64_t batch, bool as_graph);
  kit::Result<cudaGraphExec_t> GraphOf(int64_t batch);
  kit::Status Copy(const std::vector<kit::TensorInfo>& tensors, const std::vector<Buffer>& buffers,
                   int64_t batch, cudaMemcpyKind direction);
  kit::Status Record(Moment moment);
  kit::Status AddGpuSpans(int64_t queued_ns, int64_t waited_ns, kit::SpanRecorder& spans) const;
  kit::Status Infer(kit::Inputs inputs, kit::Outputs outputs, kit::SpanRecorder& spans, bool as_graph);

  const kit::EngineInfo& info_;
  const Choices& choices_;
  Stream stream_;
  std::array<Event, kMomentCount> events_;
  std::vector<Buffer> inputs_;
  std::vector<Buffer> outputs_;
  std::unique_ptr<nvinfer1::IExecutionContext> context_;  // before what it reads from and writes to
  std::map<int64_t, GraphExec> graphs_;                   // by batch
  int64_t batch_ = 0;                                     // what the context was told last
};

}  // namespace sightline::tensorrt
