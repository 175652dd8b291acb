#include "backends/tensorrt/sdk/execution.h"

#include <cstring>
#include <utility>

#include "backends/tensorrt/profile_ranges.h"
#include "backends/tensorrt/run_spans.h"
#include "backends/tensorrt/sdk/library.h"

namespace sightline::tensorrt {
namespace {

nvinfer1::Dims ToDims(const std::vector<int64_t>& dims) {
  nvinfer1::Dims to{};
  to.nbDims = static_cast<int32_t>(dims.size());
  for (size_t i = 0; i < dims.size(); ++i)
    to.d[i] = static_cast<std::remove_reference_t<decltype(to.d[i])>>(dims[i]);
  return to;
}

// The batch of a run: that of the first input whose batch is open, else 1, which then nothing looks at.
int64_t BatchOf(const kit::EngineInfo& info, kit::Inputs inputs) {
  for (size_t i = 0; i < inputs.size(); ++i) {
    const std::vector<int64_t>& dims = info.inputs[i].dims;
    if (!dims.empty() && dims[0] == SL_DIM_BATCH) return inputs[i].dims[0];
  }
  return 1;
}

// Layers in the order TensorRT reports them, which is that of their execution.
class LayerCollector final : public nvinfer1::IProfiler {
 public:
  void reportLayerTime(char const* name, float ms) noexcept override {
    try {
      layers_.push_back(
          {name == nullptr ? "" : name, "", static_cast<int64_t>(static_cast<double>(ms) * 1e6), 0, 1});
    } catch (...) {
      complete_ = false;
    }
  }
  kit::Status Give(const kit::LayerSink& sink) const {
    if (!complete_) return kit::ResourceExhausted("no memory for the times of the layers");
    for (const kit::LayerTime& layer : layers_) sink(layer);
    return kit::Ok();
  }

 private:
  std::vector<kit::LayerTime> layers_;
  bool complete_ = true;
};

}  // namespace

kit::Result<std::unique_ptr<Execution>> Execution::Make(nvinfer1::ICudaEngine& engine,
                                                        const kit::EngineInfo& info, const Choices& choices) {
  std::unique_ptr<Execution> made(new Execution(info, choices));
  KIT_RETURN_IF_ERROR(made->Prepare(engine));
  return made;
}

kit::Status Execution::Prepare(nvinfer1::ICudaEngine& engine) {
  KIT_RETURN_IF_ERROR(CudaStatus(Cuda().set_device(choices_.gpu), "choosing the GPU"));
  KIT_ASSIGN_OR_RETURN(stream_, MakeStream());
  for (Event& event : events_) {
    KIT_ASSIGN_OR_RETURN(event, MakeEvent());
  }
  KIT_RETURN_IF_ERROR(AddBuffers(info_.inputs, inputs_));
  KIT_RETURN_IF_ERROR(AddBuffers(info_.outputs, outputs_));
  context_.reset(engine.createExecutionContext());
  if (context_ == nullptr) return Failed("making an execution context");
  for (const auto* buffers : {&inputs_, &outputs_}) {
    for (const Buffer& buffer : *buffers) {
      if (!context_->setTensorAddress(buffer.name.c_str(), buffer.device.get())) {
        return Failed("giving the network its memory");
      }
    }
  }
  return kit::Ok();
}

kit::Status Execution::AddBuffers(const std::vector<kit::TensorInfo>& tensors,
                                  std::vector<Buffer>& buffers) const {
  for (const kit::TensorInfo& tensor : tensors) {
    const size_t bytes = BytesAt(tensor, choices_.max_batch);
    Buffer& buffer = buffers.emplace_back();
    buffer.name = tensor.name;
    KIT_ASSIGN_OR_RETURN(buffer.pinned, AllocatePinned(bytes));
    KIT_ASSIGN_OR_RETURN(buffer.device, AllocateDevice(bytes));
  }
  return kit::Ok();
}

kit::Status Execution::SetBatch(int64_t batch) {
  if (batch == batch_) return kit::Ok();
  for (const kit::TensorInfo& input : info_.inputs) {
    if (!context_->setInputShape(input.name.c_str(), ToDims(DimsAt(input, batch)))) {
      return Failed("setting the batch");
    }
  }
  batch_ = batch;
  return kit::Ok();
}

kit::Status Execution::Record(Moment moment) {
  return CudaStatus(Cuda().event_record(events_[moment].get(), stream_.get()), "recording an event");
}

kit::Status Execution::Copy(const std::vector<kit::TensorInfo>& tensors, const std::vector<Buffer>& buffers,
                            int64_t batch, cudaMemcpyKind direction) {
  const bool in = direction == cudaMemcpyHostToDevice;
  for (size_t i = 0; i < tensors.size(); ++i) {
    void* const pinned = buffers[i].pinned.get();
    void* const device = buffers[i].device.get();
    KIT_RETURN_IF_ERROR(CudaStatus(Cuda().copy_async(in ? device : pinned, in ? pinned : device,
                                                     BytesAt(tensors[i], batch), direction, stream_.get()),
                                   in ? "copying to the GPU" : "copying from the GPU"));
  }
  return kit::Ok();
}

// Captured once per batch. A first run outside of the capture, on the inputs of this run, lets TensorRT do
// what it does once per shape.
kit::Result<cudaGraphExec_t> Execution::GraphOf(int64_t batch) {
  if (const auto found = graphs_.find(batch); found != graphs_.end()) return found->second.get();
  cudaStream_t const stream = stream_.get();
  KIT_RETURN_IF_ERROR(Copy(info_.inputs, inputs_, batch, cudaMemcpyHostToDevice));
  if (!context_->enqueueV3(stream)) return Failed("running the network");
  KIT_RETURN_IF_ERROR(CudaStatus(Cuda().stream_wait(stream), "running the network"));
  KIT_RETURN_IF_ERROR(
      CudaStatus(Cuda().capture_begin(stream, cudaStreamCaptureModeThreadLocal), "capturing a CUDA graph"));
  const bool queued = context_->enqueueV3(stream);
  cudaGraph_t captured = nullptr;
  const cudaError_t error = Cuda().capture_end(stream, &captured);
  const Graph graph(captured);
  if (!queued || error != cudaSuccess || captured == nullptr) {
    static_cast<void>(Cuda().last_error());
    return kit::Unsupported("this network can't be captured as a CUDA graph (",
                            TheLogger().messages().Take(Cuda().error_string(error)),
                            "); run it with --option cuda_graph=off");
  }
  cudaGraphExec_t made = nullptr;
  KIT_RETURN_IF_ERROR(CudaStatus(Cuda().graph_instantiate(&made, captured, 0), "making a CUDA graph"));
  graphs_.emplace(batch, made);
  return made;
}

kit::Status Execution::Compute(int64_t batch, bool as_graph) {
  if (!as_graph) return context_->enqueueV3(stream_.get()) ? kit::Ok() : Failed("running the network");
  KIT_ASSIGN_OR_RETURN(cudaGraphExec_t const graph, GraphOf(batch));
  return CudaStatus(Cuda().graph_launch(graph, stream_.get()), "running the CUDA graph");
}

kit::Status Execution::Queue(int64_t batch, bool as_graph) {
  KIT_RETURN_IF_ERROR(Record(kQueued));
  KIT_RETURN_IF_ERROR(Copy(info_.inputs, inputs_, batch, cudaMemcpyHostToDevice));
  KIT_RETURN_IF_ERROR(Record(kCopiedIn));
  KIT_RETURN_IF_ERROR(Compute(batch, as_graph));
  KIT_RETURN_IF_ERROR(Record(kComputed));
  KIT_RETURN_IF_ERROR(Copy(info_.outputs, outputs_, batch, cudaMemcpyDeviceToHost));
  return Record(kCopiedOut);
}

kit::Status Execution::AddGpuSpans(int64_t queued_ns, int64_t waited_ns, kit::SpanRecorder& spans) const {
  GpuTimes times;
  const auto since_queued = [&](Moment moment, float& ms) {
    return CudaStatus(Cuda().event_elapsed(&ms, events_[kQueued].get(), events_[moment].get()),
                      "reading a time");
  };
  KIT_RETURN_IF_ERROR(since_queued(kCopiedIn, times.copied_in_ms));
  KIT_RETURN_IF_ERROR(since_queued(kComputed, times.computed_ms));
  KIT_RETURN_IF_ERROR(since_queued(kCopiedOut, times.copied_out_ms));
  const RunStamps stamps = OnHostClock(times, queued_ns, waited_ns);
  spans.Add(SL_SUB_STAGE_HOST_TO_DEVICE, stamps.begin_ns, stamps.copied_in_ns);
  spans.Add(SL_SUB_STAGE_COMPUTE, stamps.copied_in_ns, stamps.computed_ns);
  spans.Add(SL_SUB_STAGE_DEVICE_TO_HOST, stamps.computed_ns, stamps.end_ns);
  return kit::Ok();
}

kit::Status Execution::Infer(kit::Inputs inputs, kit::Outputs outputs, kit::SpanRecorder& spans,
                             bool as_graph) {
  KIT_RETURN_IF_ERROR(CudaStatus(Cuda().set_device(choices_.gpu), "choosing the GPU"));
  const int64_t batch = BatchOf(info_, inputs);
  {
    const kit::ScopedSpan span(spans, SL_SUB_STAGE_BIND);
    KIT_RETURN_IF_ERROR(SetBatch(batch));
    for (size_t i = 0; i < inputs.size(); ++i) {
      std::memcpy(inputs_[i].pinned.get(), inputs[i].data, BytesAt(info_.inputs[i], batch));
    }
    if (as_graph) {
      // Before the clock of the spans: a batch's first run captures.
      if (const auto graph = GraphOf(batch); !graph.ok()) return graph.status();
    }
  }
  const int64_t queued_ns = kit::NowNs();
  KIT_RETURN_IF_ERROR(Queue(batch, as_graph));
  KIT_RETURN_IF_ERROR(CudaStatus(Cuda().event_wait(events_[kCopiedOut].get()), "running the network"));
  const int64_t waited_ns = kit::NowNs();
  if (spans.wanted()) KIT_RETURN_IF_ERROR(AddGpuSpans(queued_ns, waited_ns, spans));
  const kit::ScopedSpan span(spans, SL_SUB_STAGE_COLLECT);
  for (size_t i = 0; i < outputs.size(); ++i) {
    std::memcpy(outputs[i].data, outputs_[i].pinned.get(), BytesAt(info_.outputs[i], batch));
  }
  return kit::Ok();
}

kit::Status Execution::Run(kit::Inputs inputs, kit::Outputs outputs, kit::SpanRecorder& spans) {
  return Infer(inputs, outputs, spans, choices_.cuda_graph);
}

kit::Status Execution::Profile(kit::Inputs inputs, kit::Outputs outputs, const kit::LayerSink& sink) {
  LayerCollector layers;
  context_->setProfiler(&layers);
  kit::SpanRecorder nowhere(nullptr);
  kit::Status status = Infer(inputs, outputs, nowhere, false);
  context_->setProfiler(nullptr);
  KIT_RETURN_IF_ERROR(status);
  return layers.Give(sink);
}

}  // namespace sightline::tensorrt
