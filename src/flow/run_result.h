// The result of one replicate: what was run, on what, and what came out. Plain data that travels from the run
// to the store, to tables and to JSON (schema/result.schema.json).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "src/flow/detection.h"
#include "src/flow/machine.h"
#include "src/flow/record.h"
#include "src/flow/trial.h"

namespace sightline {

// A figure with its 95 % confidence interval, where one can be given.
struct Estimate {
  double value = 0;
  std::optional<double> low;
  std::optional<double> high;
};

// Durations in nanoseconds. Percentiles are keyed in per mille: 500 is p50, 999 is p99.9; one that the sample
// count does not support is not there.
struct DurationSummary {
  int64_t count = 0;
  double effective_count = 0;  // independent samples the autocorrelated ones are worth
  double min_ns = 0;
  double max_ns = 0;
  double stddev_ns = 0;
  Estimate mean_ns;
  std::map<int, Estimate> percentiles_ns;
  // LoadGen's early-stopping bound on the same percentiles (stats/early_stopping.h), keyed alike; of
  // latencies from a request's begin to its end only.
  std::map<int, double> early_stopping_ns;
};
constexpr int kPercentilesPerMille[] = {500, 900, 990, 999};
std::string PercentileName(int per_mille);  // "p50", "p99_9"

// Whole numbers counted for each frame.
struct CountSummary {
  int64_t count = 0;  // of frames
  Estimate mean;
  double min = 0;
  double max = 0;
};

// One line of the stage table. A per-batch stage counts once per batch.
struct StageSummary {
  StageKey key;
  DurationSummary latency;
};

struct ColdStart {
  int64_t backend_load_ns = 0;     // opening the plugin and its framework, whichever call does it
  int64_t network_build_ns = 0;    // building or reading the network on the host
  int64_t engine_load_ns = 0;      // the backend reading and building the model
  int64_t engine_compile_ns = 0;   // the backend optimizing it, where that is a step of its own
  int64_t engine_create_ns = 0;    // all of the above two and handing over, seen from the host
  int64_t instance_create_ns = 0;  // all instances: sessions, their threads and copies of the weights
  int64_t first_inference_ns = 0;
};

enum class Severity { kInfo, kWarning, kError };
std::string_view SeverityName(Severity severity);

// One way in which this measurement can mislead.
struct Finding {
  std::string name;  // "few_samples"
  Severity severity = Severity::kWarning;
  std::string sentence;
  std::string doc;  // where it is explained: "docs/measuring.md#few_samples"
};

// How inference settled, by changepoints (stats/steady_state.h) in one lane's inference times: of several
// lanes the one that settled worst.
struct SteadyState {
  struct Level {
    int64_t begin_ns = 0;  // since measuring began
    double infer_ns_mean = 0;
  };
  std::string verdict;          // "flat", "warm-up", "slowdown", "no steady state", "too short"
  int64_t begin_ns = 0;         // since measuring began: all figures are of batches from here on
  int64_t frames_left_out = 0;  // measured before, and in no figure
  std::vector<Level> levels;    // in the order of time; a single one when nothing changed
  // Of what counts as steady: how much slower (positive) inference was at the end than at the begin,
  // relative. Absent where too little is known.
  std::optional<Estimate> drift;
};

// Figures over the steady part of the measured phase (records of Phase::kMeasure with outcome ok).
struct RunSummary {
  int64_t frames = 0;  // completed with outcome ok
  int64_t batches = 0;
  std::map<std::string, int64_t> outcomes;  // of all measured frames: "ok": 1000, "error": 1
  int64_t dropped_spans = 0;                // stamps of measured frames that found no room in their record
  double measured_s = 0;
  Estimate throughput_per_s;        // frames, end to end
  Estimate infer_throughput_per_s;  // frames per second of inference time, all instances together
  DurationSummary latency;          // from a frame's own acquire to its result
  std::optional<DurationSummary> latency_from_scheduled;  // where the scenario schedules
  std::optional<DurationSummary> query_latency;  // multi-stream: from the query's start to its last result
  std::vector<StageSummary> stages;              // in the order of the pipeline
  // Detection: pairs of a box and a class above the score threshold, and boxes left by suppression.
  std::optional<CountSummary> candidates_before_nms;
  std::optional<CountSummary> candidates_after_nms;
  int64_t unusable_outputs = 0;             // measured frames that failed in postprocess: outputs not finite
  std::optional<SteadyState> steady_state;  // absent where nothing was measured
};

// What the network's first outputs look like: numbers by which a benchmark can go wrong.
struct OutputFacts {
  int pictures = 0;  // looked at
  int64_t values = 0;
  int64_t not_finite = 0;
  int64_t subnormal = 0;  // not 0, and too small for a normal float: processors are slow with them
  bool constant = false;  // all pictures, two or more, gave the very same values
};

// A latency is a frame's own, from its acquire to its result. Absent where the summary doesn't have it.
std::optional<Estimate> FigureOf(const RunSummary& summary, Quantity quantity);

struct BackendFacts {
  std::string name;
  std::string framework;
  std::string framework_version;
  std::string framework_build;
  std::string device;
  std::string input_layout;
  bool converts_layout = false;  // the framework works in another layout than it takes from us
  std::string input_shape;
  std::string precision_run;
  std::string precision_note;
  int intra_threads = 0;  // 0: not known
  int inter_threads = 0;
};

struct ModelFacts {
  std::string name;
  std::string task;
  std::string input;  // "3x224x224"
  int64_t parameters = 0;
  int64_t macs = 0;
  std::string preprocess;   // in words
  std::string postprocess;  // of a detection network, in words: decoder, thresholds
};

// Everything needed to know what was measured and to do it again.
struct RunManifest {
  std::string sightline_version;
  std::string build;  // compiler, type, source revision
  std::string command_line;
  std::string started_at;  // UTC, ISO 8601
  TrialSpec trial;
  std::optional<RunLimits> limits;  // absent in results of before they were kept
  BackendFacts backend;
  ModelFacts model;
  std::string input_description;
  int64_t input_pictures = 0;
  MachineFacts machine;
  int64_t clock_resolution_ns = 0;  // from one tick to the next
  int64_t clock_read_cost_ns = 0;
};

// The stopping rule it ran under, if any.
std::optional<StopGoal> GoalOf(const RunManifest& manifest);

struct DetectedObject {
  int class_index = -1;
  std::string label;  // "" where no names are known
  double score = 0;
  Box box;
};

// What the network said of one picture, so that a person sees that real pictures gave results.
struct PictureResult {
  std::string picture;  // file name or "frame 17"
  int top_class = -1;   // -1: a detection network found nothing
  std::string label;    // "" where no names are known
  double score = 0;
  std::optional<std::vector<DetectedObject>> detections;  // of a detection network, best first
};

struct RunResult {
  RunManifest manifest;
  ColdStart cold_start;
  RunSummary summary;
  // Whether the measurement ended because it had reached limits.stop_when; absent where there was no goal.
  std::optional<bool> goal_reached;
  Disturbance disturbance;
  std::vector<Finding> findings;
  std::vector<PictureResult> pictures;  // the first few of the source that were looked at
  std::optional<OutputFacts> outputs;
  uint64_t record_waits = 0;  // how often a lane waited for the disk that takes its records
  bool partial = false;       // interrupted or ended by an error; what was measured is kept
  std::string partial_reason;
};

}  // namespace sightline
