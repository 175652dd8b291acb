#include "src/cli/measure.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "src/analyze/findings.h"
#include "src/analyze/summary.h"
#include "src/base/affinity.h"
#include "src/base/utc.h"
#include "src/base/version.h"
#include "src/cli/backend_facts.h"
#include "src/cli/first_batch.h"
#include "src/cli/local_pipeline.h"
#include "src/cli/look_again.h"
#include "src/cli/model.h"
#include "src/cli/output_kind.h"
#include "src/cli/picture_results.h"
#include "src/cli/quantized_model.h"
#include "src/cli/save_frames.h"
#include "src/cli/thresholds.h"
#include "src/cli/trial_setup.h"
#include "src/decode/decode.h"
#include "src/load/run_load.h"
#include "src/preprocess/preprocess.h"
#include "src/probe/probe.h"

namespace sightline::cli {
namespace {

// Everything a replicate stands on, in the order it has to be destroyed in reverse.
struct Setup {
  LoadedModel model;
  std::unique_ptr<source::Source> source;
  std::shared_ptr<backend::Backend> backend;
  Engines engines;
  std::vector<std::unique_ptr<pipeline::Pipeline>> pipelines;
};

// Nanoseconds `body` took.
template <typename Body>
int64_t Timed(const Clock& clock, Body body) {
  const int64_t begin_ns = clock.NowNs();
  body();
  return clock.NowNs() - begin_ns;
}

decode::DecodeOptions DecodeOptionsFor(const TrialSpec& trial, const TaskSpec& task) {
  decode::DecodeOptions options;
  if (trial.jpeg_scaling) options.jpeg_scale_to = preprocess::SmallestUsefulPicture(task.preprocess);
  return options;
}

// Decodes pictures once, so that a broken one is named before measuring and not after minutes of it. Of a
// large collection only the first: a broken one further on ends the run with what was measured until then.
Status CheckPictures(source::Source& source, const decode::DecodeOptions& options, const CliEnv& env,
                     const std::function<void(const std::string&)>& progress) {
  constexpr int64_t kPicturesChecked = 500;
  constexpr int64_t kProgressNs = 2'000'000'000;
  if (!source.encoded()) return OkStatus();
  const int64_t count = std::min(source.pictures(), kPicturesChecked);
  progress(fmt::format("checking {} of {} pictures", count, source.pictures()));
  int64_t told_ns = env.clock.NowNs();
  SIGHTLINE_ASSIGN_OR_RETURN(auto decoder, decode::Decoder::Create(options));
  Frame frame;
  Image image;
  for (int64_t i = 0; i < count; ++i) {
    if (env.stop) return Error(ErrorKind::kCancelled, "interrupted while the pictures were checked");
    if (const int64_t now_ns = env.clock.NowNs(); now_ns - told_ns >= kProgressNs) {
      progress(fmt::format("checked {} of {} pictures", i, count));
      told_ns = now_ns;
    }
    SIGHTLINE_RETURN_IF_ERROR(source.Visit(i, frame));
    SIGHTLINE_RETURN_IF_ERROR(decoder.Decode(frame.encoded, frame.name, image));
  }
  return OkStatus();
}

Result<std::unique_ptr<source::Source>> OpenInput(const TrialSpec& trial, const CliEnv& env) {
  const MachineFacts machine = probe::ProbeMachine();
  source::SourceOptions options;
  options.memory_limit_bytes =
      source::PreloadLimit(machine.memory_available_bytes, machine.cgroup_memory_limit_bytes);
  options.stop = &env.stop;
  return source::OpenSource(trial.input, options);
}

// Model, pictures and framework; the first inference is made here, since it belongs to the cold start.
Result<Setup> SetUp(const TrialSpec& trial, const CliEnv& env, ColdStart& cold,
                    const std::function<void(const std::string&)>& progress) {
  Setup setup;
  progress("building " + trial.model);
  SIGHTLINE_ASSIGN_OR_RETURN(setup.model, LoadModel(trial.model, trial.weight_seed, env.clock));
  SIGHTLINE_RETURN_IF_ERROR(ApplyThresholds(trial, setup.model.task));
  SIGHTLINE_RETURN_IF_ERROR(PrepareBatch(setup.model, trial.batch));
  cold.network_build_ns = setup.model.build_ns;
  progress("opening " + trial.input);
  SIGHTLINE_ASSIGN_OR_RETURN(setup.source, OpenInput(trial, env));
  SIGHTLINE_RETURN_IF_ERROR(
      CheckPictures(*setup.source, DecodeOptionsFor(trial, setup.model.task), env, progress));

  progress(fmt::format("loading {} into {}", setup.model.name, trial.backend));
  Result<std::shared_ptr<backend::Backend>> backend = Error(ErrorKind::kInternal, "not loaded");
  cold.backend_load_ns = Timed(env.clock, [&] { backend = backend::Backend::Load(trial.backend); });
  SIGHTLINE_ASSIGN_OR_RETURN(setup.backend, std::move(backend));
  SIGHTLINE_ASSIGN_OR_RETURN(const backend::EngineOptions options,
                             QuantizeAsAsked(trial, *setup.backend, env.clock, setup.model, progress));
  Result<Engines> engines = Error(ErrorKind::kInternal, "not created");
  cold.engine_create_ns =
      Timed(env.clock, [&] { engines = CreateEngines(*setup.backend, setup.model, options); });
  SIGHTLINE_ASSIGN_OR_RETURN(setup.engines, std::move(engines));
  const backend::EngineInfo& engine = setup.engines.info();
  // A framework that is opened with the first engine belongs to opening, not to this engine.
  cold.backend_load_ns += engine.framework_load_ns;
  cold.engine_create_ns -= engine.framework_load_ns;
  cold.engine_load_ns = setup.engines.load_ns();
  cold.engine_compile_ns = setup.engines.compile_ns();
  SIGHTLINE_RETURN_IF_ERROR(CompleteTask(engine, setup.model));
  SIGHTLINE_ASSIGN_OR_RETURN(setup.model.task.labels, LabelsFor(trial, setup.model));

  const pipeline::PipelineSpec spec{.task = setup.model.task,
                                    .decode = DecodeOptionsFor(trial, setup.model.task),
                                    .max_batch = trial.batch};
  for (int i = 0; i < trial.instances; ++i) {
    SIGHTLINE_ASSIGN_OR_RETURN(
        auto pipeline, MakePipeline(spec, *setup.backend, setup.engines, setup.source.get(), env.clock,
                                    &cold.instance_create_ns));
    setup.pipelines.push_back(std::move(pipeline));
  }
  return setup;
}

RunManifest MakeManifest(const Setup& setup, const TrialSpec& trial, const RunLimits& limits,
                         const CliEnv& env) {
  RunManifest manifest;
  manifest.sightline_version = VersionText();
  manifest.build = BuildText();
  manifest.command_line = env.command_line;
  manifest.started_at = UtcNow();
  manifest.trial = trial;
  manifest.limits = limits;
  manifest.backend = DescribeBackend(*setup.backend, *setup.engines.first, trial, setup.model);
  manifest.model = DescribeModel(setup.model);
  manifest.input_description = setup.source->description();
  manifest.input_pictures = setup.source->pictures();
  manifest.machine = probe::ProbeMachine();
  const ClockFacts clock = MeasureClock(env.clock);
  manifest.clock_resolution_ns = clock.resolution_ns;
  manifest.clock_read_cost_ns = clock.read_cost_ns;
  return manifest;
}

// Of a file the host can't read, only the scores of the first inference tell what they are.
void CompleteOutputKind(Setup& setup) {
  const bool detects = setup.model.task.task == Task::kDetection;
  if (setup.model.network || setup.model.scores_given || detects) return;
  const TensorView& scores = setup.pipelines[0]->slot(0).outputs[0];
  const OutputKind kind =
      OutputKindOf(std::span<const float>(scores.f32(), static_cast<size_t>(scores.shape.elements())));
  setup.model.task.output_kind = kind;
  for (const auto& pipeline : setup.pipelines) pipeline->set_output_kind(kind);
}

// `written`: how the file of the records was closed.
void MarkPartial(const load::LoadOutcome& outcome, const Status& written, RunResult& result) {
  if (!written.ok()) {
    result.partial_reason = written.error().message();
  } else if (outcome.error) {
    result.partial_reason = outcome.error->message();
  } else if (outcome.interrupted) {
    result.partial_reason = "interrupted";
  }
  result.partial = !result.partial_reason.empty();
}

load::LoadOutcome RunLoad(const Setup& setup, const TrialSpec& trial, const RunLimits& limits,
                          const store::KeptRecords& records, const CliEnv& env, Disturbance& disturbance) {
  std::vector<pipeline::Pipeline*> pipelines;
  pipelines.reserve(setup.pipelines.size());
  for (const auto& pipeline : setup.pipelines) pipelines.push_back(pipeline.get());
  const load::LoadOptions options{.scenario = trial.scenario,
                                  .batch = trial.batch,
                                  .frames_per_query = trial.frames_per_query,
                                  .limits = limits,
                                  .first_look = stats::FirstLook(setup.source->pictures()),
                                  .sinks = records.sinks()};
  probe::DisturbanceProbe probe;
  load::LoadOutcome outcome = load::RunLoad(pipelines, options, env.clock, env.stop);
  disturbance = probe.End();
  return outcome;
}

// What the network said of pictures that were measured: of classifications records tell. The others, and
// pictures that are to be drawn on, pass through the pipeline once more.
Status LookAtPictures(const Setup& setup, const RecordScan& scan, const std::string& frames_folder,
                      const CliEnv& env, const std::function<void(const std::string&)>& progress,
                      Measurement& measurement) {
  const bool detects = setup.model.task.task == Task::kDetection;
  std::vector<PictureResult>& results = measurement.result.pictures;
  if (!detects) {
    SIGHTLINE_ASSIGN_OR_RETURN(results, FirstPictures(scan, *setup.source, measurement.labels));
    if (frames_folder.empty()) return OkStatus();
  }
  const size_t most = frames_folder.empty() ? kPicturesShown : std::numeric_limits<size_t>::max();
  SIGHTLINE_ASSIGN_OR_RETURN(const std::vector<uint64_t> seen, PicturesSeen(scan, most));
  if (!frames_folder.empty()) progress(fmt::format("drawing on {} pictures", seen.size()));
  SIGHTLINE_ASSIGN_OR_RETURN(FrameSaver saver,
                             FrameSaver::Create(frames_folder, *setup.source, measurement.labels));
  size_t at = 0;
  return LookAgain(*setup.pipelines[0], *setup.source, seen, [&](const pipeline::Slot& slot) -> Status {
    const uint64_t picture = seen[at++];
    if (detects && results.size() < kPicturesShown)
      results.push_back(DetectionsOf(picture, slot, *setup.source, measurement.labels));
    if (frames_folder.empty()) return OkStatus();
    if (env.stop) return Error(ErrorKind::kCancelled, fmt::format("interrupted after {} pictures", at - 1));
    return saver.Save(picture, slot);
  });
}

}  // namespace

Result<Measurement> Measure(const TrialSpec& trial, const RunLimits& limits, const MeasureFiles& files,
                            const CliEnv& env, const std::function<void(const std::string&)>& progress) {
  // Before anything else, so that the framework's threads are held to the cores too.
  if (!trial.pin.empty()) SIGHTLINE_RETURN_IF_ERROR(HoldToCores(trial.pin));
  Measurement measurement;
  RunResult& result = measurement.result;
  SIGHTLINE_ASSIGN_OR_RETURN(Setup setup, SetUp(trial, env, result.cold_start, progress));
  SIGHTLINE_ASSIGN_OR_RETURN(const FirstBatch first, RunFirstBatch(*setup.pipelines[0]));
  // Outputs that aren't what the description says: nothing that was measured would mean anything.
  if (!first.results.ok() && first.results.error().kind() == ErrorKind::kInvalidArgument)
    return first.results.error();
  result.cold_start.first_inference_ns = first.infer_ns;
  CompleteOutputKind(setup);
  result.manifest = MakeManifest(setup, trial, limits, env);
  SIGHTLINE_ASSIGN_OR_RETURN(result.outputs,
                             LookAtFirstOutputs(*setup.pipelines[0], result.manifest.input_pictures));
  SIGHTLINE_ASSIGN_OR_RETURN(measurement.records, store::KeptRecords::Create(files.records, trial.instances));

  load::LoadOutcome outcome;
  if (first.results.ok()) {
    progress("measuring");
    outcome = RunLoad(setup, trial, limits, *measurement.records, env, result.disturbance);
  } else {
    outcome.error = first.results.error();
  }
  if (limits.stop_when) result.goal_reached = outcome.goal_reached;
  const Status written = measurement.records->Close();
  result.record_waits = measurement.records->waits();
  const RecordScan scan = measurement.records->scan();
  SIGHTLINE_ASSIGN_OR_RETURN(
      result.summary,
      analyze::SummarizeSettled(scan, trial.scenario == Scenario::kMultiStream ? trial.frames_per_query : 0));
  if (outcome.error && result.summary.frames == 0 && first.results.ok())
    return written.ok() ? *outcome.error : written.error();
  MarkPartial(outcome, written, result);
  measurement.labels = setup.model.task.labels;
  const Status looked = LookAtPictures(setup, scan, files.frames, env, progress, measurement);
  if (!files.frames.empty()) measurement.frames_saved = looked;
  result.findings = analyze::FindProblems(result, setup.model.task_assumed);
  return measurement;
}

}  // namespace sightline::cli
