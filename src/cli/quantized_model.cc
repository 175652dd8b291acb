#include "src/cli/quantized_model.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "src/base/check.h"
#include "src/cli/each_picture.h"
#include "src/cli/local_pipeline.h"
#include "src/cli/trial_setup.h"
#include "src/network/quantize.h"
#include "src/network/quantize_options.h"
#include "src/network/value_ranges.h"
#include "src/probe/probe.h"

namespace sightline::cli {
namespace {

constexpr int kFirstOpset = 13;  // with a scale for each channel

std::span<const float> FloatsOf(const TensorView& view) {
  return {view.f32(), static_cast<size_t>(view.shape.elements())};
}

// What the network's own input is called, and its layout, differ from backend to backend; its range does not.
std::string InputName(const network::Network& network) {
  const SlGraph& graph = network.Graph();
  return graph.values[graph.inputs[0]].name;
}

// Adds what `tensors` of the network were for each picture.
Status SeeSome(const network::Network& ready, const std::vector<std::string>& tensors,
               backend::Backend& backend, const backend::EngineOptions& options,
               const Calibration& calibration, const Clock& clock, const LoadedModel& model,
               network::RangeCollector& collector) {
  SIGHTLINE_ASSIGN_OR_RETURN(const network::Network open, network::WithOutputs(ready, tensors));
  SIGHTLINE_ASSIGN_OR_RETURN(auto source, source::OpenSource(calibration.input));
  SIGHTLINE_ASSIGN_OR_RETURN(auto engine,
                             backend.CreateEngine({.name = model.name, .network = &open}, options));
  const pipeline::PipelineSpec spec{
      .task = model.task, .max_batch = options.max_batch, .last = StageId::kInfer};
  SIGHTLINE_ASSIGN_OR_RETURN(auto pipeline,
                             MakePipeline(spec, backend, Engines{engine, nullptr}, source.get(), clock));
  const std::string input = InputName(ready);
  const auto wanted = [&](const std::string& name) {
    return std::find(tensors.begin(), tensors.end(), name) != tensors.end();
  };
  const std::vector<TensorInfo>& outputs = engine->info().outputs;
  const auto count = std::min<int64_t>(calibration.pictures, source->pictures());
  return ForEachPicture(*pipeline, count, 1, [&](const pipeline::Slot& slot) {
    if (wanted(input)) collector.Add(input, FloatsOf(slot.input));
    for (size_t i = 0; i < outputs.size(); ++i) {
      if (wanted(outputs[i].name)) collector.Add(outputs[i].name, FloatsOf(slot.outputs[i]));
    }
    return OkStatus();
  });
}

// Some tensors at a time: all tensors of a network together may be more outputs than a backend has, and more
// memory than the network itself.
Result<network::ValueRanges> SeeRanges(const network::Network& ready, backend::Backend& backend,
                                       backend::EngineOptions options, const Calibration& calibration,
                                       const Clock& clock, const LoadedModel& model) {
  constexpr size_t kTensorsTogether = 12;
  const std::vector<std::string> tensors = network::TensorsToCalibrate(ready);
  options.precision = SL_F32;
  options.instance_count = 1;
  network::RangeCollector collector;
  for (size_t begin = 0; begin < tensors.size(); begin += kTensorsTogether) {
    const size_t end = std::min(tensors.size(), begin + kTensorsTogether);
    const std::vector<std::string> some(tensors.begin() + static_cast<std::ptrdiff_t>(begin),
                                        tensors.begin() + static_cast<std::ptrdiff_t>(end));
    SIGHTLINE_RETURN_IF_ERROR(SeeSome(ready, some, backend, options, calibration, clock, model, collector));
  }
  return collector.Ranges();
}

bool IsQuantizedHere(const backend::BackendInfo& backend, const LoadedModel& model) {
  return model.network && (backend.model_kinds & SL_MODEL_ONNX) != 0 && backend.max_onnx_opset >= kFirstOpset;
}

// Replaces the network by its quantized form. `options` are those the model will run with.
Status Quantize(backend::Backend& backend, const backend::EngineOptions& options,
                const Calibration& calibration, const Clock& clock, LoadedModel& model) {
  if (model.second_network) {
    return Error(
        ErrorKind::kUnsupported,
        model.name + " has two networks, one for each stage, and only single ones are quantized; take fp32");
  }
  SIGHTLINE_CHECK(model.network.has_value());
  SIGHTLINE_ASSIGN_OR_RETURN(const network::Network ready, network::ReadyToQuantize(*model.network));
  const auto ranges = SeeRanges(ready, backend, options, calibration, clock, model);
  if (!ranges.ok()) return ranges.error().WithContext("calibrating for int8");
  const network::QuantizeOptions how =
      network::QuantizeOptionsFor(backend.info().name, options.device, probe::ProbeMachine());
  SIGHTLINE_ASSIGN_OR_RETURN(model.network, network::Quantize(ready, *ranges, how));
  model.quantization = network::WordsFor(how);
  return OkStatus();
}

}  // namespace

Status QuantizeForInt8(backend::Backend& backend, const Calibration& calibration, const Clock& clock,
                       const std::function<void(const std::string&)>& progress, LoadedModel& model,
                       backend::EngineOptions& options) {
  if (options.precision != SL_I8 || !IsQuantizedHere(backend.info(), model)) return OkStatus();
  if (progress) progress("calibrating for int8");
  options.precision = SL_F32;
  return Quantize(backend, options, calibration, clock, model);
}

Result<backend::EngineOptions> QuantizeAsAsked(const TrialSpec& trial, backend::Backend& backend,
                                               const Clock& clock, LoadedModel& model,
                                               const std::function<void(const std::string&)>& progress) {
  backend::EngineOptions options = EngineOptionsFor(trial);
  const Calibration calibration{.input = trial.calibration.empty() ? trial.input : trial.calibration,
                                .pictures = trial.calibration_pictures};
  SIGHTLINE_RETURN_IF_ERROR(QuantizeForInt8(backend, calibration, clock, progress, model, options));
  return options;
}

}  // namespace sightline::cli
