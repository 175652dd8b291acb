// A backend that computes nothing: what remains when it runs is the harness's own cost. With a delay it is a
// server of known service time, for tests. Outputs are left as the caller had them.
#include <chrono>
#include <condition_variable>
#include <limits>
#include <memory>
#include <mutex>
#include <utility>

#include "backends/kit/graph.h"
#include "backends/kit/kit.h"
#include "backends/null/worker.h"

namespace sightline::null_backend {
namespace {

constexpr int64_t kMostDelayUs = 3'600'000'000;  // an hour

// How long a run takes: fixed plus so much per item of the batch.
struct Delay {
  int64_t fixed_ns = 0;
  int64_t per_item_ns = 0;
  bool spin = false;

  int64_t Of(int64_t batch) const { return fixed_ns + per_item_ns * batch; }
  bool none() const { return fixed_ns == 0 && per_item_ns == 0; }
};

class NullInstance final : public kit::Instance {
 public:
  NullInstance(Delay delay, bool has_batch) : delay_(delay), has_batch_(has_batch) {}

  kit::Status Run(kit::Inputs inputs, kit::Outputs, kit::SpanRecorder&) override { return Serve(inputs); }

  kit::Status RunAsync(kit::Inputs inputs, kit::Outputs, kit::RunCompletion done) override {
    worker_.Post([this, inputs, done] {
      SlRunReport report{};
      report.struct_size = sizeof report;
      done(Serve(inputs), report);
    });
    return kit::Ok();
  }

  void Cancel() override {
    {
      const std::lock_guard lock(mutex_);  // a run that has just found itself not cancelled is asleep now
    }
    wake_.notify_all();
  }

 private:
  kit::Status Serve(kit::Inputs inputs) {
    if (delay_.none()) return kit::Ok();
    const int64_t batch = has_batch_ ? inputs[0].dims[0] : 1;
    return Wait(std::chrono::nanoseconds(delay_.Of(batch)));
  }

  kit::Status Wait(std::chrono::nanoseconds duration) {
    const auto end = std::chrono::steady_clock::now() + duration;
    if (delay_.spin) {
      while (!cancelled() && std::chrono::steady_clock::now() < end) {
      }
    } else {
      std::unique_lock lock(mutex_);
      wake_.wait_until(lock, end, [this] { return cancelled(); });
    }
    return cancelled() ? kit::Cancelled() : kit::Ok();
  }

  const Delay delay_;
  const bool has_batch_;
  std::mutex mutex_;
  std::condition_variable wake_;
  Worker worker_;  // last: it stops before what its job uses goes
};

class NullEngine final : public kit::Engine {
 public:
  NullEngine(kit::EngineInfo info, Delay delay) : info_(std::move(info)), delay_(delay) {}

  kit::EngineInfo Info() const override { return info_; }
  kit::Result<std::unique_ptr<kit::Instance>> CreateInstance(const kit::InstanceOptions&) override {
    const bool has_batch = !info_.inputs.empty() && !info_.inputs[0].dims.empty();
    return std::unique_ptr<kit::Instance>(std::make_unique<NullInstance>(delay_, has_batch));
  }

 private:
  kit::EngineInfo info_;
  Delay delay_;
};

kit::Result<kit::TensorInfo> TensorOf(const kit::GraphValue& value) {
  if (!value.shape_known()) {
    return kit::Unsupported("the shape of '", value.name(),
                            "' is not known, so no memory can be made for it");
  }
  kit::TensorInfo info{value.name(), value.type(), SL_LAYOUT_PLAIN,
                       kit::NamedDims({value.dims().begin(), value.dims().end()})};
  if (info.dynamic()) {
    return kit::Unsupported("the shape of '", value.name(),
                            "' is decided by the data, and nothing is computed here");
  }
  return info;
}

// Pictures come as the option says; whatever is not of rank 4 is no picture.
void SetLayout(kit::TensorInfo& input, bool nhwc) {
  if (input.dims.size() != 4) return;
  auto& dims = input.dims;
  if (nhwc) dims = {dims[0], dims[2], dims[3], dims[1]};
  input.layout = nhwc ? SL_LAYOUT_NHWC : SL_LAYOUT_NCHW;
}

class NullBackend final : public kit::Backend {
 public:
  kit::BackendInfo Info() const override {
    const kit::OptionInfo::Range delays{0, kMostDelayUs};
    kit::BackendInfo info;
    info.name = "null";
    info.framework = "none";
    info.framework_version = "1";
    info.features = SL_FEATURE_DYNAMIC_BATCH | SL_FEATURE_ZERO_COPY_INPUT | SL_FEATURE_ZERO_COPY_OUTPUT |
                    SL_FEATURE_ASYNC | SL_FEATURE_CANCEL;
    info.layouts = 1u << SL_LAYOUT_PLAIN | 1u << SL_LAYOUT_NCHW | 1u << SL_LAYOUT_NHWC;
    info.model_kinds = SL_MODEL_GRAPH;
    info.max_onnx_opset = std::numeric_limits<int>::max();
    info.options = {
        {"layout", {"nchw", "nhwc"}, {}, "nchw", "Layout of picture inputs."},
        {"delay_us", {}, delays, "0", "Time every run takes, in microseconds."},
        {"delay_per_item_us",
         {},
         delays,
         "0",
         "Time a run takes for each item of the batch, in microseconds."},
        {"delay_mode",
         {"sleep", "spin"},
         {},
         "sleep",
         "Whether the delay leaves the core to others or keeps it busy."},
    };
    return info;
  }

  kit::Result<std::unique_ptr<kit::Engine>> CreateEngine(const kit::Model& model,
                                                         const kit::EngineOptions& options) override {
    const int64_t begin_ns = kit::NowNs();
    const kit::GraphView graph(*model.graph);
    kit::EngineInfo info;
    for (const kit::GraphValue& value : graph.inputs()) {
      KIT_ASSIGN_OR_RETURN(kit::TensorInfo input, TensorOf(value));
      SetLayout(input, options.values.Word("layout") == "nhwc");
      info.inputs.push_back(std::move(input));
    }
    for (const kit::GraphValue& value : graph.outputs()) {
      KIT_ASSIGN_OR_RETURN(kit::TensorInfo output, TensorOf(value));
      info.outputs.push_back(std::move(output));
    }
    info.precision_note = "nothing is computed";
    info.intra_threads = 1;
    info.inter_threads = 1;
    info.load_ns = kit::NowNs() - begin_ns;
    const Delay delay{options.values.Number("delay_us") * 1000,
                      options.values.Number("delay_per_item_us") * 1000,
                      options.values.Word("delay_mode") == "spin"};
    return std::unique_ptr<kit::Engine>(std::make_unique<NullEngine>(std::move(info), delay));
  }
};

}  // namespace
}  // namespace sightline::null_backend

SIGHTLINE_KIT_BACKEND(sightline::null_backend::NullBackend)
