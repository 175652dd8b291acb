// One configuration of all factors, and how long it is measured.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/base/clock.h"
#include "src/flow/quantity.h"
#include "src/flow/tensor.h"

namespace sightline {

// How requests arrive; names and meaning are LoadGen's.
enum class Scenario {
  kSingleStream,  // each lane issues the next query when the last is complete; a query is one batch
  kMultiStream,   // a query is `frames_per_query` frames at once; its latency ends with its last frame
  kOffline,       // all frames are there from the start; what counts is throughput
};
std::string_view ScenarioName(Scenario scenario);  // "single-stream"
std::optional<Scenario> ScenarioFromName(std::string_view name);

// Names and levels in the words of a study's plan, in order: {"batch", "4"}.
using Factors = std::vector<std::pair<std::string, std::string>>;
// The level of the factor so named; null: there is none.
const std::string* LevelOf(const Factors& factors, std::string_view name);

// What is measured on where nothing is named.
inline constexpr std::string_view kDefaultInput = "synthetic:640x480";

// The factors. One that is added has its place in ConfigurationOf too.
struct TrialSpec {
  std::string model;  // zoo name or path
  std::string backend;
  std::string device = "cpu";
  DataType precision = SL_F32;
  int batch = 1;
  int instances = 1;
  std::optional<int> threads;        // intra-op, per instance; absent: the framework's own choice
  std::optional<int> inter_threads;  // absent: the framework's own choice
  std::vector<int> pin;              // cores the run is held to; empty: not pinned
  std::map<std::string, std::string> backend_options;
  std::string input;  // folder, glob, picture, video, synthetic:WxH
  bool jpeg_scaling = false;
  std::string labels;  // file with the names of the classes; "": none
  // Of int8, where the network is quantized here: pictures the ranges are taken from ("": those of `input`).
  std::string calibration;
  int calibration_pictures = 32;
  Scenario scenario = Scenario::kSingleStream;
  int frames_per_query = 8;  // multi-stream only; LoadGen's default
  uint64_t weight_seed = 1;
  // Of a detection network; absent: as published for it.
  std::optional<double> score_threshold;
  std::optional<double> iou_threshold;
  std::optional<int> max_detections;  // of a picture, all classes together
  std::optional<int> proposals;       // of a picture, in a detector of two stages
};

// Every factor with its level; "default" where the framework chooses. Labels are none: no figure knows them.
Factors ConfigurationOf(const TrialSpec& trial);

// Ends a measurement once a figure is known well enough.
struct StopGoal {
  Quantity quantity = Quantity::kLatencyP50;
  double half_width = 0.02;    // longer side of the 95 % interval, as a share of the figure
  Nanoseconds min_duration{};  // of the measured phase
};

// When to stop and what to leave out.
struct RunLimits {
  Nanoseconds warm_up = std::chrono::seconds(1);
  int warm_up_batches = 3;  // at least so many, however long they take
  std::optional<Nanoseconds> duration;
  std::optional<int64_t> iterations;  // batches per instance; queries in multi-stream
  std::optional<StopGoal> stop_when;  // before the two above, which are caps then
};

}  // namespace sightline
