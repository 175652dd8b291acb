#include "src/cli/precision_deviation.h"

#include <algorithm>
#include <utility>

#include "src/cli/backend_facts.h"
#include "src/cli/local_pipeline.h"
#include "src/cli/picture_outputs.h"

namespace sightline::cli {
namespace {

using AllOutputs = std::vector<analyze::PictureOutputs>;

// The model on the backend, in one precision.
struct Running {
  std::unique_ptr<source::Source> source;
  Engines engines;
  std::unique_ptr<pipeline::Pipeline> pipeline;
  int64_t pictures = 0;
};

Result<Running> Start(backend::Backend& backend, const backend::EngineOptions& options,
                      const PrecisionQuestion& question, const Clock& clock, LoadedModel& model) {
  Running running;
  SIGHTLINE_ASSIGN_OR_RETURN(running.source, source::OpenSource(question.input));
  SIGHTLINE_ASSIGN_OR_RETURN(running.engines, CreateEngines(backend, model, options));
  SIGHTLINE_RETURN_IF_ERROR(CompleteTask(running.engines.info(), model));
  const pipeline::PipelineSpec spec{.task = model.task, .max_batch = options.max_batch};
  SIGHTLINE_ASSIGN_OR_RETURN(running.pipeline,
                             MakePipeline(spec, backend, running.engines, running.source.get(), clock));
  running.pictures = std::min<int64_t>(question.pictures, running.source->pictures());
  return running;
}

Result<AllOutputs> Outputs(Running& running, Task task, int batch) {
  return OutputsOfPictures(*running.pipeline, task, running.pictures, batch);
}

void CompareOutputs(const AllOutputs& reference, const AllOutputs& lower, const TaskSpec& task,
                    PrecisionRow& row) {
  row.pictures = static_cast<int64_t>(reference.size());
  if (task.task == Task::kDetection) {
    analyze::DetectionDeviation deviation;
    for (size_t i = 0; i < reference.size(); ++i) deviation.Add(reference[i], lower[i]);
    row.deviation = std::move(deviation);
    return;
  }
  analyze::Deviation deviation;
  for (size_t i = 0; i < reference.size(); ++i)
    deviation.Add(reference[i].values[0], lower[i].values[0], task.output_kind);
  row.deviation = deviation;
}

}  // namespace

Result<PrecisionRow> ComparePrecision(const PrecisionQuestion& question, const Clock& clock,
                                      const std::atomic<bool>& stop) {
  SIGHTLINE_ASSIGN_OR_RETURN(LoadedModel model, LoadModel(question.model, question.weight_seed, clock));
  if (model.second_network) {
    return Error(
        ErrorKind::kUnsupported,
        model.name + " has two networks, one for each stage; precisions are compared on single ones");
  }
  SIGHTLINE_RETURN_IF_ERROR(PrepareBatch(model, question.batch));
  SIGHTLINE_ASSIGN_OR_RETURN(auto backend, backend::Backend::Load(question.backend));
  backend::EngineOptions options;
  options.max_batch = question.batch;
  SIGHTLINE_ASSIGN_OR_RETURN(Running fp32, Start(*backend, options, question, clock, model));
  SIGHTLINE_ASSIGN_OR_RETURN(const AllOutputs reference, Outputs(fp32, model.task.task, question.batch));
  options.precision = question.precision;
  SIGHTLINE_RETURN_IF_ERROR(QuantizeForInt8(*backend, question.calibration, clock, {}, model, options));
  SIGHTLINE_ASSIGN_OR_RETURN(Running lower, Start(*backend, options, question, clock, model));
  SIGHTLINE_ASSIGN_OR_RETURN(const AllOutputs outputs, Outputs(lower, model.task.task, question.batch));
  PrecisionRow row{.model = model.name,
                   .backend = question.backend,
                   .asked = question.precision,
                   .ran = lower.engines.info().precision_run,
                   .note = PrecisionNote(lower.engines.info(), model),
                   .batch = static_cast<int>(std::min<int64_t>(question.batch, fp32.pictures)),
                   .deviation = {},
                   .gain = {}};
  CompareOutputs(reference, outputs, model.task, row);
  SIGHTLINE_ASSIGN_OR_RETURN(row.gain,
                             MeasureGain(*fp32.pipeline, *lower.pipeline, row.batch, question.rounds, stop));
  return row;
}

}  // namespace sightline::cli
