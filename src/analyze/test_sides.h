// Sides for the tests of comparisons.
#pragma once

#include <string>
#include <vector>

#include "src/analyze/compared_side.h"
#include "src/store/result_json.h"

namespace sightline::analyze::testing {

// A launch of MobileNet with this median.
inline RunResult ResultOf(double p50_ms, const std::string& backend = "null", int batch = 1) {
  RunResult result;
  RunManifest& m = result.manifest;
  m.sightline_version = "sightline 0.1.0 (abc1234)";
  m.build = "g++ 12.2.0, Release, abc1234";
  m.trial.model = "mobilenet_v1_1.0_224";
  m.trial.backend = backend;
  m.trial.batch = batch;
  m.backend.framework = "null";
  m.backend.framework_version = "1";
  m.backend.precision_run = "fp32";
  m.machine.cpu_model = "a processor";
  m.machine.kernel = "6.1.0";
  result.summary.frames = 100;
  result.summary.latency.count = 100;
  result.summary.latency.mean_ns = {.value = p50_ms * 1.1e6};
  result.summary.latency.percentiles_ns[500] = {p50_ms * 1e6, p50_ms * 0.99e6, p50_ms * 1.02e6};
  result.summary.throughput_per_s = {.value = 1000 / p50_ms};
  return result;
}

// A side of one trial with these medians, one of each launch.
inline ComparedSide SideWith(const std::string& name, const std::vector<double>& p50_ms) {
  std::vector<RunResult> results;
  for (const double ms : p50_ms) results.push_back(ResultOf(ms));
  return SideOfResults(name, results);
}

// Medians of `count` launches about `ms` that differ by some tenths of a percent.
inline std::vector<double> Medians(double ms, int count) {
  std::vector<double> medians;
  for (int i = 0; i < count; ++i) medians.push_back(ms * (1 + 0.001 * ((i * 7) % 5 - 2)));
  return medians;
}

// A study with these trials, each with launches of these medians in milliseconds; below 0: it crashed.
inline StudyContents StudyWith(const std::vector<TrialInfo>& trials,
                               const std::vector<std::vector<double>>& p50_ms) {
  StudyContents contents{.study = {.id = 1, .name = "quick"}, .trials = trials};
  for (size_t t = 0; t < trials.size(); ++t) {
    contents.trials[t].id = static_cast<int64_t>(t) + 1;
    contents.trials[t].index = static_cast<int>(t);
    for (size_t i = 0; i < p50_ms[t].size(); ++i) {
      ReplicateInfo replicate{.trial_id = contents.trials[t].id, .number = static_cast<int>(i)};
      const double ms = p50_ms[t][i];
      replicate.status = ms > 0 ? ReplicateStatus::kDone : ReplicateStatus::kFailed;
      if (ms > 0) {
        replicate.result_json = store::ResultToJson(ResultOf(ms));
      } else {
        replicate.failure = FailureReason::kCrashed;
        replicate.reason = "signal 11";
      }
      contents.replicates.push_back(replicate);
    }
  }
  return contents;
}

}  // namespace sightline::analyze::testing
