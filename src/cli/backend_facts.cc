#include "src/cli/backend_facts.h"

#include "src/flow/tensor.h"

namespace sightline::cli {

BackendFacts DescribeBackend(const backend::Backend& backend, const backend::Engine& engine,
                             const TrialSpec& trial, const LoadedModel& model) {
  const backend::BackendInfo& info = backend.info();
  const backend::EngineInfo& made = engine.info();
  BackendFacts facts;
  facts.name = info.name;
  facts.framework = info.framework;
  facts.framework_version = info.framework_version;
  facts.framework_build = info.framework_build;
  facts.device = trial.device;
  facts.input_layout = LayoutName(made.inputs[0].layout);
  facts.converts_layout = (info.layouts & (1U << made.inputs[0].layout)) == 0;
  Shape shape = made.inputs[0].shape;
  shape[0] = trial.batch;
  facts.input_shape = shape.ToString();
  facts.precision_run = DataTypeName(made.precision_run);
  facts.precision_note = PrecisionNote(made, model);
  facts.intra_threads = made.intra_threads;
  facts.inter_threads = made.inter_threads;
  return facts;
}

std::string PrecisionNote(const backend::EngineInfo& engine, const LoadedModel& model) {
  if (model.quantization.empty()) return engine.precision_note;
  return engine.precision_note + (engine.precision_note.empty() ? "" : "; ") + model.quantization;
}

}  // namespace sightline::cli
