// The tables people read, held by golden files. SIGHTLINE_UPDATE_GOLDEN=1 writes them anew: look at the
// difference.
#include "src/report/run_report.h"

#include <gtest/gtest.h>

#include "src/report/test_golden.h"
#include "src/report/text_table.h"

namespace sightline::report {
namespace {

using testing::ExpectGolden;

DurationSummary Durations(double ms, int64_t count) {
  DurationSummary d;
  d.count = count;
  d.effective_count = static_cast<double>(count) / 2;
  d.min_ns = ms * 0.9e6;
  d.max_ns = ms * 2e6;
  d.mean_ns = {ms * 1.1e6, ms * 1.05e6, ms * 1.2e6};
  d.percentiles_ns[500] = {ms * 1e6, ms * 0.98e6, ms * 1.03e6};
  if (count >= 100) d.percentiles_ns[900] = {ms * 1.3e6, ms * 1.2e6, ms * 1.5e6};
  return d;
}

RunResult Example() {
  RunResult r;
  RunManifest& m = r.manifest;
  m.model = {.name = "mobilenet_v1_1.0_224", .parameters = 4'231'976, .macs = 568'740'352};
  m.backend = {.name = "tensorflow",
               .framework = "TensorFlow",
               .framework_version = "2.21.0",
               .device = "cpu",
               .input_layout = "nhwc",
               .input_shape = "4x224x224x3",
               .precision_run = "fp32",
               .intra_threads = 2};
  m.trial.batch = 4;
  m.input_description = "59 pictures, photos/*.jpg (4.0 MB, held in memory)";
  r.cold_start = {.backend_load_ns = 400'000'000,
                  .network_build_ns = 60'000'000,
                  .engine_load_ns = 90'000'000,
                  .engine_create_ns = 95'000'000,
                  .instance_create_ns = 20'000'000,
                  .first_inference_ns = 290'000'000};
  r.summary.frames = 400;
  r.summary.batches = 100;
  r.summary.measured_s = 5.02;
  r.summary.throughput_per_s = {79.7, 78.9, 80.4};
  r.summary.infer_throughput_per_s = {91.2, 90.0, 92.5};
  r.summary.latency = Durations(48.3, 400);
  r.summary.latency.early_stopping_ns = {{500, 49.9e6}, {900, 66.6e6}};
  r.summary.steady_state = SteadyState{.verdict = "warm-up",
                                       .begin_ns = 1'234'000'000,
                                       .frames_left_out = 44,
                                       .levels = {},
                                       .drift = Estimate{0.003, -0.002, 0.007}};
  r.summary.stages = {{.key = {StageId::kDecode}, .latency = Durations(1.23, 400)},
                      {.key = {StageId::kInfer}, .latency = Durations(43.9, 100)},
                      {.key = {StageId::kInfer, 0, SL_SUB_STAGE_COMPUTE}, .latency = Durations(43.8, 100)},
                      {.key = {StageId::kPostprocess}, .latency = Durations(0.0042, 50)}};
  r.pictures = {{.picture = "apple.jpg", .top_class = 948, .label = "Granny Smith", .score = 0.7131},
                {.picture = "building.jpg", .top_class = 17, .label = "", .score = 0.02}};
  r.disturbance.peak_memory_bytes = 615 << 20;
  r.findings = {
      {"contended", Severity::kWarning, "other processes used 12.0 % of the allowed cores' time", ""},
      {"more_threads_than_cores", Severity::kInfo, "2 instances x 2 threads share 2 cores", ""}};
  return r;
}

TEST(RunReport, OneRun) {
  ExpectGolden("run_report.txt", RunReport(Example()));
}

TEST(RunReport, SaysWhatStoppedIt) {
  RunResult r = Example();
  r.manifest.limits = {.stop_when = StopGoal{.quantity = Quantity::kThroughput, .half_width = 0.005}};
  r.goal_reached = true;
  const std::string line = "stopped     once throughput_per_s was known to ±0.5 %\n";
  EXPECT_NE(RunReport(r).find(line), std::string::npos) << RunReport(r);
  r.goal_reached = false;
  EXPECT_EQ(RunReport(r).find("stopped"), std::string::npos);
}

// With its model's name alone, the rest of the heading being as it is.
TEST(RunReport, OfADetectionNetworkSaysWhatWasFound) {
  RunResult r = Example();
  r.summary.candidates_before_nms =
      CountSummary{.count = 400, .mean = {812, 803, 820}, .min = 345, .max = 1203};
  r.summary.candidates_after_nms = CountSummary{.count = 400, .mean = {41.25, 39, 43}, .min = 12, .max = 100};
  r.pictures = {
      {.picture = "table.jpg",
       .top_class = 47,
       .label = "cup",
       .score = 0.913,
       .detections = {{{47, "cup", 0.913, {}}, {50, "", 0.5, {}}}}},
      {.picture = "street.jpg",
       .top_class = 3,
       .label = "car",
       .score = 0.9,
       .detections =
           {{{3, "car", 0.9, {}}, {3, "car", 0.8, {}}, {1, "person", 0.7, {}}, {3, "car", 0.6, {}}}}},
      {.picture = "wall.jpg", .label = "", .detections = {{}}}};
  ExpectGolden("run_report_detection.txt", RunReport(r));
  r.summary.candidates_after_nms =
      CountSummary{.count = 400, .mean = {100, 100, 100}, .min = 100, .max = 100};
  EXPECT_NE(RunReport(r).find(", 100 detections left by NMS"), std::string::npos) << "always as many";
  r.summary.candidates_before_nms.reset();
  EXPECT_NE(RunReport(r).find("detections  100 a picture above the score threshold; NMS is the model's"),
            std::string::npos);
}

TEST(RunReport, SeveralRuns) {
  RunResult other = Example();
  other.manifest.backend.name = "opencv";
  other.manifest.trial.batch = 1;
  other.summary.stages.erase(other.summary.stages.begin());
  other.summary.latency.percentiles_ns.clear();
  other.findings.clear();
  other.partial = true;
  const RunResult results[] = {Example(), other};
  ExpectGolden("comparison_table.txt", ComparisonTable(results));
}

// Faster R-CNN and R-FCN, whose stages of one name do the same.
TEST(RunReport, DetectorsInTwoStagesShareTheirColumns) {
  RunResult cropping = Example();
  RunResult pooling = Example();
  const auto add = [](RunResult& r, const char* name) {
    r.summary.stages.push_back({.key = StageKeyFromName(name).value(), .latency = Durations(1.5, 400)});
  };
  cropping.summary.stages.clear();
  pooling.summary.stages.clear();
  for (const char* name :
       {"preprocess#1", "infer#1", "postprocess#1", "preprocess#2", "infer#2", "postprocess#2"})
    add(cropping, name);
  for (const char* name : {"preprocess#1", "infer", "postprocess#1", "preprocess#2", "postprocess#2"})
    add(pooling, name);
  const RunResult results[] = {cropping, pooling};
  ExpectGolden("comparison_table_two_stages.txt", ComparisonTable(results));
  ExpectGolden("run_report_two_stages.txt", RunReport(cropping));
}

TEST(RunReport, ARunWithoutAMeasuredFrameSaysSo) {
  RunResult r = Example();
  r.summary = {};
  r.findings = {{"nothing_measured", Severity::kError, "no frame was measured to its end", ""}};
  const std::string text = RunReport(r);
  EXPECT_NE(text.find("error: no frame was measured to its end [nothing_measured]"), std::string::npos);
  EXPECT_EQ(text.find("throughput"), std::string::npos);
}

TEST(RunReport, APartialRunSaysSo) {
  RunResult r = Example();
  r.partial = true;
  r.partial_reason = "interrupted";
  EXPECT_NE(RunReport(r).find("partial     interrupted; the figures"), std::string::npos);
  r.summary = {};
  EXPECT_NE(RunReport(r).find("partial     interrupted; nothing was measured before"), std::string::npos);
}

TEST(RunReport, SaysWhetherItWasSteady) {
  RunResult r = Example();
  SteadyState& state = *r.summary.steady_state;
  state.drift = {};
  for (const auto& [verdict, line] :
       {std::pair{"flat", "steady      from the start\n"},
        std::pair{"too short", "steady      too few batches to tell\n"},
        std::pair{"no steady state", "steady      no: inference kept changing"},
        std::pair{"slowdown", "steady      from 1.2 s on, after a slowdown; 44"}}) {
    state.verdict = verdict;
    EXPECT_NE(RunReport(r).find(line), std::string::npos) << RunReport(r);
  }
}

TEST(RunReport, WhatIsNotKnownOfAModelIsNotSaidToBeZero) {
  RunResult r = Example();
  r.manifest.model = {.name = "saved_model"};
  EXPECT_EQ(RunReport(r).find("saved_model in TensorFlow 2.21.0\n"), 0u) << RunReport(r);
}

TEST(RunReport, ComparedRunsShowTheFactorsThatDiffer) {
  RunResult other = Example();
  const auto titles = [&] {
    const RunResult results[] = {Example(), other};
    const std::string table = ComparisonTable(results);
    return table.substr(0, table.find('\n'));
  };
  EXPECT_EQ(titles().find("threads"), std::string::npos);
  other.manifest.backend.intra_threads = 1;
  other.manifest.trial.scenario = Scenario::kOffline;
  EXPECT_NE(titles().find("inst  scenario       threads  "), std::string::npos) << titles();
  EXPECT_EQ(titles().find("precision"), std::string::npos);
  other.manifest.backend.precision_run = "bf16";
  EXPECT_NE(titles().find("precision"), std::string::npos);
}

TEST(RunReport, NumbersKeepThreeDigits) {
  EXPECT_EQ(Milliseconds(123'456'789), "123");
  EXPECT_EQ(Milliseconds(12'345'678), "12.3");
  EXPECT_EQ(Milliseconds(1'234'567), "1.23");
  EXPECT_EQ(Milliseconds(123'456), "0.123");
  EXPECT_EQ(MillisecondsWithError({12.3e6, 12.1e6, 12.8e6}), "12.3 ±0.5");
  EXPECT_EQ(MillisecondsWithError({12.3e6}), "12.3");
}

TEST(TextTable, ColumnsAreAsWideAsTheirWidestCell) {
  TextTable table({{"name", Align::kLeft}, {"ms"}});
  table.AddRow({"a", "1 ±2"});
  table.AddRow({"longer", "10"});
  EXPECT_EQ(table.ToString(),
            "name      ms\n"
            "------  ----\n"
            "a       1 ±2\n"
            "longer    10\n");
}

}  // namespace
}  // namespace sightline::report
