// What backends with one fault share: they compute nothing, as the null backend does, until the fault
// strikes.
//
//     struct Crash {
//       static constexpr const char* kName = "crashing";
//       static kit::Status Strike() { ... }
//     };
//     SIGHTLINE_KIT_BACKEND(sightline::fakes::FaultyBackend<Crash>)
//
// Option `after`: inferences of the process that go well before each further one calls Strike.
#pragma once

#include <atomic>
#include <limits>
#include <memory>
#include <utility>

#include "backends/kit/graph.h"
#include "backends/kit/kit.h"

namespace sightline::fakes {

template <typename Fault>
class FaultyInstance final : public kit::Instance {
 public:
  explicit FaultyInstance(int64_t after) : after_(after) {}

  kit::Status Run(kit::Inputs, kit::Outputs, kit::SpanRecorder&) override {
    static std::atomic<int64_t> runs = 0;
    return runs++ < after_ ? kit::Ok() : Fault::Strike();
  }

 private:
  int64_t after_;
};

template <typename Fault>
class FaultyEngine final : public kit::Engine {
 public:
  FaultyEngine(kit::EngineInfo info, int64_t after) : info_(std::move(info)), after_(after) {}

  kit::EngineInfo Info() const override { return info_; }
  kit::Result<std::unique_ptr<kit::Instance>> CreateInstance(const kit::InstanceOptions&) override {
    return std::unique_ptr<kit::Instance>(std::make_unique<FaultyInstance<Fault>>(after_));
  }

 private:
  kit::EngineInfo info_;
  int64_t after_;
};

template <typename Fault>
class FaultyBackend final : public kit::Backend {
 public:
  kit::BackendInfo Info() const override {
    kit::BackendInfo info;
    info.name = Fault::kName;
    info.framework = "none";
    info.framework_version = "1";
    info.features = SL_FEATURE_DYNAMIC_BATCH;
    info.layouts = 1u << SL_LAYOUT_PLAIN | 1u << SL_LAYOUT_NCHW;
    info.model_kinds = SL_MODEL_GRAPH;
    info.max_onnx_opset = std::numeric_limits<int>::max();
    info.options = {
        {"after", {}, kit::OptionInfo::Range{0, 1'000'000}, "20", "Inferences before the fault."}};
    return info;
  }

  kit::Result<std::unique_ptr<kit::Engine>> CreateEngine(const kit::Model& model,
                                                         const kit::EngineOptions& options) override {
    const kit::GraphView graph(*model.graph);
    kit::EngineInfo info;
    for (const kit::GraphValue& value : graph.inputs()) info.inputs.push_back(TensorOf(value));
    for (const kit::GraphValue& value : graph.outputs()) info.outputs.push_back(TensorOf(value));
    return std::unique_ptr<kit::Engine>(
        std::make_unique<FaultyEngine<Fault>>(std::move(info), options.values.Number("after")));
  }

 private:
  static kit::TensorInfo TensorOf(const kit::GraphValue& value) {
    kit::TensorInfo info{
        value.name(), value.type(), SL_LAYOUT_PLAIN, {value.dims().begin(), value.dims().end()}};
    if (info.dims.size() == 4) info.layout = SL_LAYOUT_NCHW;
    return info;
  }
};

}  // namespace sightline::fakes
