#include "src/cli/profile_runs.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "src/base/affinity.h"
#include "src/base/utc.h"
#include "src/base/version.h"
#include "src/cli/backend_facts.h"
#include "src/cli/inference_time.h"
#include "src/cli/local_pipeline.h"
#include "src/cli/model.h"
#include "src/cli/network_layers.h"
#include "src/cli/quantized_model.h"
#include "src/postprocess/fit_outputs.h"
#include "src/probe/probe.h"
#include "src/probe/roofs.h"
#include "src/stats/quantile.h"

namespace sightline::cli {
namespace {

// Both, whichever takes longer: some frameworks go on optimizing for a few runs, and clocks take time to
// rise.
constexpr int kWarmUpRuns = 3;
constexpr int64_t kWarmUpNs = 500'000'000;
constexpr int kRoofSamples = 25;  // each of the four times

using Progress = std::function<void(const std::string&)>;

// The pictures, and the engine that runs as it does for `sightline run`.
struct Plain {
  std::unique_ptr<source::Source> source;
  Engines engines;
  std::unique_ptr<pipeline::Pipeline> pipeline;
  std::vector<pipeline::Slot*> slots;

  // The whole batch, as the network gets it.
  TensorView input() const {
    TensorView batch = slots.front()->input;
    batch.shape[0] = static_cast<int64_t>(slots.size());
    return batch;
  }
};

Status CheckOneNetwork(const LoadedModel& model) {
  if (!model.second_network) return OkStatus();
  return Error(ErrorKind::kUnsupported,
               model.name +
                   " has two networks, one for each stage, and `profile` looks at one; measure both with "
                   "`sightline run`, whose stages infer#1 and infer#2 they are");
}

Result<Plain> SetUpPlain(const TrialSpec& trial, const backend::EngineOptions& engine_options,
                         backend::Backend& backend, LoadedModel& model, const CliEnv& env) {
  Plain plain;
  source::SourceOptions options;
  options.stop = &env.stop;
  SIGHTLINE_ASSIGN_OR_RETURN(plain.source, source::OpenSource(trial.input, options));
  SIGHTLINE_ASSIGN_OR_RETURN(plain.engines, CreateEngines(backend, model, engine_options));
  SIGHTLINE_RETURN_IF_ERROR(CompleteTask(plain.engines.info(), model));
  const pipeline::PipelineSpec spec{.task = model.task, .max_batch = trial.batch};
  SIGHTLINE_ASSIGN_OR_RETURN(plain.pipeline,
                             MakePipeline(spec, backend, plain.engines, plain.source.get(), env.clock));
  for (int i = 0; i < trial.batch; ++i) {
    plain.slots.push_back(&plain.pipeline->slot(i));
    SIGHTLINE_RETURN_IF_ERROR(plain.pipeline->Prepare(*plain.slots.back()));
  }
  return plain;
}

// The engine with the profiler, and memory for its results.
struct Profiled {
  std::shared_ptr<backend::Engine> engine;
  std::unique_ptr<backend::Instance> instance;
  std::vector<Tensor> outputs;
  std::vector<TensorView> output_views;
};

Result<Profiled> SetUpProfiled(const TrialSpec& trial, backend::EngineOptions options,
                               backend::Backend& backend, const LoadedModel& model) {
  Profiled profiled;
  options.profile = true;
  SIGHTLINE_ASSIGN_OR_RETURN(profiled.engine, backend.CreateEngine(model.source(), options));
  SIGHTLINE_ASSIGN_OR_RETURN(profiled.instance, profiled.engine->CreateInstance());
  SIGHTLINE_ASSIGN_OR_RETURN(const auto outputs,
                             postprocess::WithRoom(model.task, profiled.engine->info().outputs));
  for (const TensorInfo& info : outputs) {
    Shape shape = info.shape;
    if (shape.rank > 0 && shape[0] == SL_DIM_BATCH) shape[0] = trial.batch;
    SIGHTLINE_ASSIGN_OR_RETURN(Tensor output, Tensor::Create(info.type, info.layout, shape));
    profiled.outputs.push_back(std::move(output));
  }
  for (const Tensor& output : profiled.outputs) profiled.output_views.push_back(output.view());
  return profiled;
}

// Runs of layers by name and type: what a framework calls several times in a run, or by one name, is one
// layer.
class SeriesCollector {
 public:
  void BeginRun() { ++runs_; }

  void Add(const backend::LayerTime& time) {
    const auto [entry, is_new] =
        index_of_.try_emplace({std::string(time.name), std::string(time.type)}, series_.size());
    if (is_new) series_.push_back({.name = entry->first.first, .type = entry->first.second});
    analyze::LayerSeries& layer = series_[entry->second];
    layer.durations_ns.resize(runs_);
    layer.begins_ns.resize(runs_);
    layer.durations_ns.back() += static_cast<double>(time.duration_ns);
    if (layer.begins_ns.back() == 0) layer.begins_ns.back() = time.begin_ns;
  }

  std::vector<analyze::LayerSeries> Take() {
    for (analyze::LayerSeries& layer : series_) {
      layer.durations_ns.resize(runs_);
      layer.begins_ns.resize(runs_);
    }
    return std::move(series_);
  }

 private:
  size_t runs_ = 0;
  std::map<std::pair<std::string, std::string>, size_t> index_of_;
  std::vector<analyze::LayerSeries> series_;
};

// Repeats `run` (Result<double>(), nanoseconds) until `count` results are there, or the user stops it.
template <typename Run>
Status Repeat(int count, const CliEnv& env, std::vector<double>& results, Run run) {
  for (int i = 0; i < count && !env.stop; ++i) {
    SIGHTLINE_ASSIGN_OR_RETURN(const double ns, run());
    results.push_back(ns);
  }
  return OkStatus();
}

template <typename Run>
Status WarmUp(const CliEnv& env, Run run) {
  const int64_t begin_ns = env.clock.NowNs();
  for (int i = 0; (i < kWarmUpRuns || env.clock.NowNs() - begin_ns < kWarmUpNs) && !env.stop; ++i) {
    SIGHTLINE_RETURN_IF_ERROR(run().status());
  }
  return OkStatus();
}

// Plain runs, profiled runs, plain runs: a machine that drifts all the way does so for both alike. `roofs`
// (may be null) is measured before, between and after; what that leaves in the caches, the warm-up takes
// away.
Status TakeSamples(int runs, Plain& plain, Profiled& profiled, probe::RoofMeter* roofs, const CliEnv& env,
                   analyze::ProfileSamples& samples) {
  const TensorView input = plain.input();
  const auto run_plain = [&] { return InferAgain(*plain.pipeline, plain.slots); };
  SeriesCollector warm_up;
  SeriesCollector layers;
  const auto run_profiled = [&](SeriesCollector& collector) -> Result<double> {
    collector.BeginRun();
    const int64_t begin_ns = env.clock.NowNs();
    SIGHTLINE_RETURN_IF_ERROR(profiled.instance->Profile(
        {&input, 1}, profiled.output_views, [&](const backend::LayerTime& time) { collector.Add(time); }));
    return static_cast<double>(env.clock.NowNs() - begin_ns);
  };
  const auto measure_roofs = [&] { return roofs == nullptr ? OkStatus() : roofs->Measure(kRoofSamples); };
  const int first_half = runs / 2;
  SIGHTLINE_RETURN_IF_ERROR(measure_roofs());
  SIGHTLINE_RETURN_IF_ERROR(WarmUp(env, run_plain));
  SIGHTLINE_RETURN_IF_ERROR(Repeat(first_half, env, samples.inference_ns, run_plain));
  SIGHTLINE_RETURN_IF_ERROR(measure_roofs());
  SIGHTLINE_RETURN_IF_ERROR(WarmUp(env, [&] { return run_profiled(warm_up); }));
  SIGHTLINE_RETURN_IF_ERROR(Repeat(runs, env, samples.profiled_ns, [&] { return run_profiled(layers); }));
  SIGHTLINE_RETURN_IF_ERROR(measure_roofs());
  SIGHTLINE_RETURN_IF_ERROR(WarmUp(env, run_plain));
  SIGHTLINE_RETURN_IF_ERROR(Repeat(runs - first_half, env, samples.inference_ns, run_plain));
  samples.layers = layers.Take();
  return measure_roofs();
}

analyze::Roofs RoofsOf(const probe::RoofSamples& samples) {
  analyze::Roofs roofs{.threads = samples.threads,
                       .vectors = samples.vectors,
                       .macs_per_s = analyze::RoofEstimate(samples.macs_per_s)};
  for (const probe::BandwidthSamples& bandwidth : samples.bandwidths) {
    roofs.bandwidths.push_back({.memory = bandwidth.memory,
                                .working_set_bytes = bandwidth.working_set_bytes,
                                .bytes_per_s = analyze::RoofEstimate(bandwidth.bytes_per_s)});
  }
  return roofs;
}

// Roofs are those of the processor this program runs on, for fp32.
std::string WhyNoRoofs(const TrialSpec& trial, const backend::EngineInfo& engine, bool has_graph) {
  if (!has_graph) return "the work of a model in a framework's own format is not known; give an ONNX file";
  if (trial.device != "cpu") return "they are measured for the processor only, not for " + trial.device;
  if (engine.precision_run != SL_F32) {
    return fmt::format("they are measured for fp32, and this ran in {}", DataTypeName(engine.precision_run));
  }
  return "";
}

RunManifest MakeManifest(const TrialSpec& trial, const LoadedModel& model, const Plain& plain,
                         const backend::Backend& backend, const CliEnv& env) {
  RunManifest manifest;
  manifest.sightline_version = VersionText();
  manifest.build = BuildText();
  manifest.command_line = env.command_line;
  manifest.started_at = UtcNow();
  manifest.trial = trial;
  manifest.backend = DescribeBackend(backend, *plain.engines.first, trial, model);
  manifest.model = DescribeModel(model);
  manifest.input_description = plain.source->description();
  manifest.input_pictures = plain.source->pictures();
  manifest.machine = probe::ProbeMachine();
  return manifest;
}

// The medians need FewestProfileRuns of both kinds.
Status JudgeInterruption(int runs, ProfileRuns& result) {
  const analyze::ProfileSamples& samples = result.samples;
  const auto profiled = static_cast<int>(samples.profiled_ns.size());
  const auto plain = static_cast<int>(samples.inference_ns.size());
  if (profiled == runs && plain == runs) return OkStatus();
  result.partial_reason =
      fmt::format("interrupted after {} of {} runs with the profiler and {} without", profiled, runs, plain);
  if (std::min(profiled, plain) >= FewestProfileRuns()) return OkStatus();
  return Error(ErrorKind::kCancelled, result.partial_reason + "; too few to say anything");
}

}  // namespace

int FewestProfileRuns() {
  return static_cast<int>(stats::SamplesForQuantile(0.5));
}

Result<ProfileRuns> RunProfile(const TrialSpec& trial, int runs, const CliEnv& env,
                               const Progress& progress) {
  // Before anything else, so that the framework's threads are held to the cores too.
  if (!trial.pin.empty()) SIGHTLINE_RETURN_IF_ERROR(HoldToCores(trial.pin));
  SIGHTLINE_ASSIGN_OR_RETURN(auto backend, backend::Backend::Load(trial.backend));
  if ((backend->info().features & SL_FEATURE_PROFILE) == 0) {
    return Error(
        ErrorKind::kUnsupported,
        fmt::format("backend {} can't give times per layer; `sightline run` measures its inference as "
                    "a whole",
                    trial.backend));
  }
  progress("building " + trial.model);
  SIGHTLINE_ASSIGN_OR_RETURN(LoadedModel model, LoadModel(trial.model, trial.weight_seed, env.clock));
  SIGHTLINE_RETURN_IF_ERROR(CheckOneNetwork(model));
  SIGHTLINE_RETURN_IF_ERROR(PrepareBatch(model, trial.batch));
  SIGHTLINE_ASSIGN_OR_RETURN(const backend::EngineOptions options,
                             QuantizeAsAsked(trial, *backend, env.clock, model, progress));
  ProfileRuns result;
  if (model.network) {
    SIGHTLINE_ASSIGN_OR_RETURN(result.graph, LayersOf(*model.network, trial.batch));
  }
  progress(fmt::format("loading {} into {}, with and without its profiler", model.name, trial.backend));
  SIGHTLINE_ASSIGN_OR_RETURN(Plain plain, SetUpPlain(trial, options, *backend, model, env));
  SIGHTLINE_ASSIGN_OR_RETURN(Profiled profiled, SetUpProfiled(trial, options, *backend, model));
  result.manifest = MakeManifest(trial, model, plain, *backend, env);
  result.no_roofs = WhyNoRoofs(trial, plain.engines.info(), model.network.has_value());

  const int known_threads = plain.engines.info().intra_threads;
  const int threads = known_threads > 0 ? known_threads : static_cast<int>(AllowedCores().size());
  probe::RoofMeter roofs(std::max(threads, 1), env.clock);
  const bool wants_roofs = result.no_roofs.empty();
  progress("profiling");
  SIGHTLINE_RETURN_IF_ERROR(
      TakeSamples(runs, plain, profiled, wants_roofs ? &roofs : nullptr, env, result.samples));
  SIGHTLINE_RETURN_IF_ERROR(JudgeInterruption(runs, result));
  if (wants_roofs) result.roofs = RoofsOf(roofs.samples());
  return result;
}

}  // namespace sightline::cli
