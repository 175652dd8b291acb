#include "src/analyze/findings.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <functional>
#include <sstream>

namespace sightline::analyze {
namespace {

using ::testing::HasSubstr;

// A run nothing is wrong with.
RunResult Clean() {
  RunResult r;
  r.manifest.machine.allowed_cores = {0, 1};
  r.manifest.backend.intra_threads = 2;
  r.manifest.backend.precision_run = "fp32";
  r.manifest.clock_resolution_ns = 20;
  r.summary.frames = 1000;
  r.summary.outcomes = {{"ok", 1000}};
  r.summary.latency.count = 1000;
  r.summary.latency.effective_count = 900;
  r.summary.latency.percentiles_ns[500] = {1e7, 0.99e7, 1.01e7};
  StageSummary infer{.key = {StageId::kInfer}};
  infer.latency.mean_ns.value = 1e7;
  r.summary.stages = {infer};
  r.disturbance.steal_fraction = 0;
  r.disturbance.other_cpu_fraction = 0.01;
  return r;
}

std::vector<std::string> Names(const std::vector<Finding>& findings) {
  std::vector<std::string> names;
  for (const Finding& finding : findings) names.push_back(finding.name);
  return names;
}

TEST(Findings, ACleanRunHasNone) {
  EXPECT_THAT(Names(FindProblems(Clean(), false)), ::testing::IsEmpty());
}

// A run that settled in this way: 10 ms at first, 12 ms from second 3 on.
void Settle(RunResult& r, const std::string& verdict) {
  r.summary.steady_state = SteadyState{.verdict = verdict,
                                       .begin_ns = 3'000'000'000,
                                       .frames_left_out = 250,
                                       .levels = {{0, 1e7}, {3'000'000'000, 1.2e7}},
                                       .drift = {}};
}

// Binding and collecting, a tenth of an inference each.
void CopyTensors(RunResult& r) {
  for (const uint8_t part : {SL_SUB_STAGE_BIND, SL_SUB_STAGE_COLLECT}) {
    StageSummary stage{.key = {StageId::kInfer, 0, part}};
    stage.latency.mean_ns.value = 1e6;
    r.summary.stages.push_back(stage);
  }
}

// A stopping rule that did not end the run.
void AskFor(RunResult& r, Quantity quantity, double half_width) {
  r.manifest.limits = {.stop_when = StopGoal{.quantity = quantity, .half_width = half_width}};
  r.goal_reached = false;
}

TEST(Findings, AGoalThatWasReachedIsNone) {
  RunResult r = Clean();
  AskFor(r, Quantity::kLatencyP50, 0.02);  // between the last look and the cap
  EXPECT_THAT(Names(FindProblems(r, false)), ::testing::IsEmpty());
  AskFor(r, Quantity::kLatencyP50, 0.004);
  r.goal_reached = true;  // and what was measured until the lanes heard of it made it wider again
  EXPECT_THAT(Names(FindProblems(r, false)), ::testing::IsEmpty());
  r.goal_reached = false;
  r.partial = true;
  EXPECT_THAT(Names(FindProblems(r, false)), ::testing::IsEmpty()) << "it was interrupted, and says so";
}

struct Case {
  std::string name;
  std::function<void(RunResult&)> spoil;
  std::string sentence;
};

const std::vector<Case>& Cases() {
  static const std::vector<Case> cases = {
      {"nothing_measured", [](RunResult& r) { r.summary = {}; }, "no frame was measured"},
      {"frames_failed", [](RunResult& r) { r.summary.outcomes["error"] = 3; }, "3 frames did not"},
      {"swapped", [](RunResult& r) { r.disturbance.swap_in_pages = 7; }, "7 pages"},
      {"precision_differs", [](RunResult& r) { r.manifest.backend.precision_run = "bf16"; },
       "fp32 was asked for and bf16 ran"},
      {"throttled", [](RunResult& r) { r.disturbance.throttle_count = 2; }, "for heat 2 times"},
      {"throttled",
       [](RunResult& r) {
         r.disturbance.frequency_begin_mhz = 3000;
         r.disturbance.frequency_end_mhz = 2000;
       },
       "from 3000 to 2000 MHz"},
      {"quota_exhausted", [](RunResult& r) { r.disturbance.cgroup_throttle_count = 4; }, "in 4 periods"},
      {"stolen_cpu", [](RunResult& r) { r.disturbance.steal_fraction = 0.123; }, "12.3 %"},
      {"contended", [](RunResult& r) { r.disturbance.other_cpu_fraction = 0.5; }, "50.0 %"},
      {"few_samples", [](RunResult& r) { r.summary.latency.percentiles_ns.clear(); },
       "too few for an interval"},
      {"few_samples", [](RunResult& r) { r.summary.latency.percentiles_ns[500] = {1e7, 0.8e7, 1.2e7}; },
       "the median latency to ±20 % only"},
      {"few_samples", [](RunResult& r) { r.summary.throughput_per_s = {100, 90, 110}; },
       "the throughput to ±10 % only"},
      {"few_samples",
       [](RunResult& r) { r.summary.throughput_per_s = {.value = 100, .low = {}, .high = {}}; },
       "too few, or depend too much"},
      {"few_samples",
       [](RunResult& r) {
         r.summary.latency.percentiles_ns[500] = {1e7, 0.8e7, 1.2e7};
         r.summary.throughput_per_s = {100, 90, 110};
       },
       "the median latency to ±20 % and the throughput to ±10 % only"},
      {"no_steady_state", [](RunResult& r) { Settle(r, "no steady state"); },
       "between 10 ms and 12 ms in 2 stretches"},
      {"slowdown", [](RunResult& r) { Settle(r, "slowdown"); },
       "10 ms at its fastest and 12 ms from 3.0 s on; the figures are of the time from then on, 250 frames"},
      {"long_warm_up", [](RunResult& r) { Settle(r, "warm-up"); },
       "10 ms at first and 12 ms from 3.0 s on; 250 frames before that are left out"},
      {"drift",
       [](RunResult& r) {
         Settle(r, "flat");
         r.summary.steady_state->drift = {0.031, 0.02, 0.04};
       },
       "slower by 3.1 % (95 %: 2.0 to 4.0 %)"},
      {"drift",
       [](RunResult& r) {
         Settle(r, "flat");
         r.summary.steady_state->drift = {-0.031, -0.04, -0.02};
       },
       "faster by 3.1 % (95 %: 2.0 to 4.0 %)"},
      {"outputs_not_finite",
       [](RunResult& r) { r.outputs = {.pictures = 1, .values = 1000, .not_finite = 3}; },
       "3 of the 1000 values"},
      {"outputs_not_finite", [](RunResult& r) { r.summary.unusable_outputs = 2; },
       "the first outputs were sound, and those of 2 measured frames"},
      {"outputs_constant",
       [](RunResult& r) { r.outputs = {.pictures = 2, .values = 2000, .constant = true}; },
       "2 different pictures gave exactly the same outputs"},
      {"outputs_subnormal",
       [](RunResult& r) { r.outputs = {.pictures = 1, .values = 1000, .subnormal = 40}; },
       "4.0 % of the values"},
      {"no_candidates", [](RunResult& r) { r.summary.candidates_before_nms = CountSummary{.count = 400}; },
       "above the threshold in any of 400 frames"},
      {"no_candidates", [](RunResult& r) { r.summary.candidates_after_nms = CountSummary{.count = 300}; },
       "above the threshold in any of 300 frames"},
      {"records_waited", [](RunResult& r) { r.record_waits = 7; }, "7 times a lane waited"},
      {"layout_conversion", [](RunResult& r) { r.manifest.backend.converts_layout = true; },
       "what that costs is not stamped"},
      {"layout_conversion",
       [](RunResult& r) {
         r.manifest.backend = {.framework = "TensorFlow",
                               .input_layout = "nchw",
                               .converts_layout = true,
                               .precision_run = "fp32"};
         CopyTensors(r);
       },
       "its input as nchw, which TensorFlow turns into its own layout in every inference; 20.0 % of it"},
      {"handover", CopyTensors, "20.0 % of an inference is copying"},
      {"precision_not_reached", [](RunResult& r) { AskFor(r, Quantity::kLatencyP50, 0.004); },
       "latency_ns_p50 is known to ±1 % only; ±0.4 % was asked for"},
      {"precision_not_reached",
       [](RunResult& r) {
         AskFor(r, Quantity::kLatencyP50, 0.004);
         r.goal_reached = true;
         r.summary.steady_state = {.verdict = "flat", .frames_left_out = 20};
       },
       "is known to ±1 % only; ±0.4 % was asked for; frames before inference settled"},
      {"precision_not_reached", [](RunResult& r) { AskFor(r, Quantity::kLatencyP99, 0.02); },
       "latency_ns_p99 has no interval yet; ±2 % was asked for"},
      {"stamps_dropped", [](RunResult& r) { r.summary.dropped_spans = 5; }, "5 stamps"},
      {"timer_resolution", [](RunResult& r) { r.summary.stages[0].latency.mean_ns.value = 1000; },
       "takes 1000 ns"},
      {"timer_resolution",
       [](RunResult& r) {
         r.manifest.clock_resolution_ns = 1;
         r.manifest.clock_read_cost_ns = 200'000;
       },
       "reading it costs 200000 ns"},
      {"more_threads_than_cores", [](RunResult& r) { r.manifest.trial.instances = 2; },
       "2 instances x 2 threads"},
      {"more_threads_than_cores", [](RunResult& r) { r.manifest.trial.threads = 64; },
       "1 instances x 64 threads"},
  };
  return cases;
}

TEST(Findings, EachProblemIsNamedWithItsFigure) {
  for (const Case& c : Cases()) {
    RunResult r = Clean();
    c.spoil(r);
    const auto findings = FindProblems(r, false);
    ASSERT_EQ(findings.size(), 1u) << c.name << ": " << ::testing::PrintToString(Names(findings));
    EXPECT_EQ(findings[0].name, c.name);
    EXPECT_THAT(findings[0].sentence, HasSubstr(c.sentence));
    EXPECT_EQ(findings[0].doc, "docs/measuring.md#" + c.name);
  }
  EXPECT_THAT(Names(FindProblems(Clean(), true)), ::testing::ElementsAre("preprocessing_assumed"));
}

// As noisy, or as small, as a drift may be.
TEST(Findings, ADriftThatMayBeChanceOrIsSmallIsNone) {
  RunResult r = Clean();
  Settle(r, "flat");
  for (const Estimate& drift : {Estimate{0.05, -0.01, 0.11}, Estimate{0.015, 0.01, 0.02}}) {
    r.summary.steady_state->drift = drift;
    EXPECT_THAT(Names(FindProblems(r, false)), ::testing::IsEmpty());
  }
}

TEST(Findings, EveryNameHasATestAndALineInTheDocs) {
  std::ifstream file("docs/measuring.md");
  std::ostringstream text;
  text << file.rdbuf();
  for (const std::string_view name : FindingNames()) {
    // The place that Finding::doc leads to.
    const std::string line = fmt::format("| <a id=\"{0}\"></a>`{0}` |", name);
    EXPECT_NE(text.str().find(line), std::string::npos) << line << " is missing in docs/measuring.md";
    if (name == "preprocessing_assumed") continue;  // tested by itself above
    EXPECT_TRUE(std::any_of(Cases().begin(), Cases().end(), [&](const Case& c) { return c.name == name; }))
        << name;
  }
}

}  // namespace
}  // namespace sightline::analyze
