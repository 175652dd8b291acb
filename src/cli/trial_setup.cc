#include "src/cli/trial_setup.h"

#include <fmt/format.h>

#include "src/postprocess/labels.h"

namespace sightline::cli {

Result<DataType> PrecisionFromName(const std::string& name) {
  for (const DataType type : {SL_F32, SL_F16, SL_BF16, SL_I8}) {
    if (DataTypeName(type) == name) return type;
  }
  return Error(ErrorKind::kInvalidArgument,
               fmt::format("--precision: '{}' is not one of fp32, fp16, bf16, int8", name));
}

Result<std::vector<std::string>> LabelsFor(const TrialSpec& trial, const LoadedModel& model) {
  const TaskSpec& task = model.task;
  const std::string& file = trial.labels.empty() ? model.labels_file : trial.labels;
  std::vector<std::string> labels = task.labels;
  if (!file.empty()) {
    SIGHTLINE_ASSIGN_OR_RETURN(labels, postprocess::ReadLabels(file));
  }
  if (labels.empty() || task.classes == 0) return labels;  // the model doesn't say how many there are
  auto fitted = postprocess::FitLabels(std::move(labels), task.classes, task.has_background_class);
  const std::string where = trial.labels.empty() ? model.name + ": labels" : "--labels " + trial.labels;
  return fitted.ok() ? fitted : fitted.error().WithContext(where);
}

backend::EngineOptions EngineOptionsFor(const TrialSpec& trial) {
  backend::EngineOptions options;
  options.device = trial.device;
  options.precision = trial.precision;
  options.intra_threads = trial.threads.value_or(0);
  options.inter_threads = trial.inter_threads.value_or(0);
  options.max_batch = trial.batch;
  options.instance_count = trial.instances;
  options.options = trial.backend_options;
  return options;
}

}  // namespace sightline::cli
