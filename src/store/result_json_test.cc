#include "src/store/result_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "src/store/files.h"

namespace sightline::store {
namespace {

using ::testing::HasSubstr;

RunResult SomeResult() {
  RunResult r;
  r.manifest.sightline_version = "sightline 0";
  r.manifest.command_line = "sightline run -m x";
  r.manifest.trial.model = "x";
  r.manifest.trial.backend = "null";
  r.manifest.trial.precision = SL_BF16;
  r.manifest.trial.threads = 2;
  r.manifest.trial.pin = {0, 1};
  r.manifest.trial.backend_options = {{"xla", "on"}};
  r.manifest.trial.scenario = Scenario::kMultiStream;
  r.manifest.limits = {
      .duration = std::chrono::seconds(9),
      .stop_when = StopGoal{
          .quantity = Quantity::kThroughput, .half_width = 0.03, .min_duration = std::chrono::seconds(2)}};
  r.goal_reached = false;
  r.manifest.backend.intra_threads = 2;
  r.manifest.machine.allowed_cores = {0, 1};
  r.manifest.machine.memory_total_bytes = 1 << 20;
  r.cold_start.first_inference_ns = 17;
  r.summary.frames = 8;
  r.summary.outcomes = {{"ok", 8}, {"error", 1}};
  r.summary.throughput_per_s = {80, 79, 81};
  r.summary.latency.count = 8;
  r.summary.latency.min_ns = 5;
  r.summary.latency.mean_ns = {7, 6.5, 7.5};
  r.summary.latency.percentiles_ns[500] = {7, 6, 8};
  r.summary.latency.percentiles_ns[999] = {9, 9, 9};
  r.summary.stages.push_back({.key = {StageId::kDecode}, .latency = r.summary.latency});
  r.summary.stages.push_back(
      {.key = {StageId::kInfer, 2, SL_SUB_STAGE_COMPUTE}, .latency = r.summary.latency});
  r.disturbance.steal_fraction = 0.25;
  r.findings.push_back({"stolen_cpu", Severity::kWarning, "a sentence"});
  r.pictures.push_back({.picture = "a.jpg", .top_class = 7, .label = "seven", .score = 0.5});
  r.pictures.push_back({.picture = "b.jpg", .top_class = 8, .label = "", .score = 0.25});
  r.pictures.push_back({.picture = "c.jpg",
                        .top_class = 3,
                        .label = "car",
                        .score = 0.75,
                        .detections = {{{3, "car", 0.75, {0.125F, 0.25F, 0.5F, 1}}}}});
  r.pictures.push_back({.picture = "d.jpg", .label = "", .detections = {{}}});
  r.manifest.trial.score_threshold = 0.3;
  r.manifest.trial.max_detections = 20;
  r.manifest.trial.proposals = 50;
  r.manifest.model.postprocess = "SSD";
  r.summary.candidates_before_nms = CountSummary{.count = 8, .mean = {90.5, 80, 100}, .min = 3, .max = 140};
  r.summary.candidates_after_nms = CountSummary{.count = 8, .mean = {12}, .min = 0, .max = 20};
  r.summary.unusable_outputs = 1;
  return r;
}

TEST(ResultJson, FieldsHaveTheNamesOfTheContract) {
  const auto json = nlohmann::json::parse(ResultToJson(SomeResult()));
  EXPECT_EQ(json["throughput_per_s"], 80);
  EXPECT_EQ(json["throughput_per_s_low"], 79);
  EXPECT_EQ(json["latency_ns_p50"], 7);
  EXPECT_EQ(json["latency_ns_p50_high"], 8);
  EXPECT_EQ(json["latency_ns_p99_9"], 9);
  EXPECT_EQ(json["stages"]["decode"]["latency_ns_mean_low"], 6.5);
  EXPECT_EQ(json["stages"]["infer#2.compute"]["count"], 8);
  EXPECT_EQ(json["manifest"]["trial"]["scenario"], "multi-stream");
  EXPECT_EQ(json["manifest"]["trial"]["precision"], "bf16");
}

TEST(ResultJson, DetectionsAreWhereTheContractSays) {
  const auto json = nlohmann::json::parse(ResultToJson(SomeResult()));
  EXPECT_EQ(json["candidates_before_nms"]["mean_low"], 80);
  EXPECT_EQ(json["candidates_before_nms"]["max"], 140);
  EXPECT_FALSE(json["candidates_after_nms"].contains("mean_low"));
  EXPECT_EQ(json["manifest"]["trial"]["score_threshold"], 0.3);
  EXPECT_FALSE(json["manifest"]["trial"].contains("iou_threshold")) << "as published";
  EXPECT_EQ(json["manifest"]["model"]["postprocess"], "SSD");
  EXPECT_FALSE(json["pictures"][0].contains("detections")) << "a classification";
  EXPECT_EQ(json["pictures"][2]["detections"][0]["label"], "car");
  EXPECT_EQ(json["pictures"][2]["detections"][0]["right"], 0.5);
  EXPECT_EQ(json["pictures"][3]["detections"].size(), 0U);
  EXPECT_FALSE(json["pictures"][3].contains("class"));
  const auto read = ResultFromJson(ResultToJson(SomeResult()), "r.json");
  ASSERT_TRUE(read.ok()) << read.error().message();
  ASSERT_TRUE(read->pictures[3].detections.has_value());
  EXPECT_EQ(read->pictures[2].detections->at(0).box, (Box{0.125F, 0.25F, 0.5F, 1}));
}

TEST(ResultJson, WhatWasNotMeasuredIsLeftOut) {
  const auto json = nlohmann::json::parse(ResultToJson(SomeResult()));
  EXPECT_FALSE(json.contains("latency_ns_p99"));
  EXPECT_FALSE(json.contains("query"));
  EXPECT_FALSE(json["manifest"]["backend"].contains("inter_threads"));
  EXPECT_FALSE(json["manifest"]["machine"].contains("governor"));
  EXPECT_FALSE(json["disturbance"].contains("energy_j"));
  const auto empty = nlohmann::json::parse(ResultToJson(RunResult()));
  EXPECT_FALSE(empty.contains("throughput_per_s"));
  EXPECT_FALSE(empty.contains("latency_ns_mean"));
}

TEST(ResultJson, ReadsBackWhatItWrote) {
  const std::string text = ResultToJson(SomeResult());
  const auto read = ResultFromJson(text, "r.json");
  ASSERT_TRUE(read.ok()) << read.error().message();
  EXPECT_EQ(ResultToJson(*read), text);
  EXPECT_EQ(read->summary.stages[1].key, (StageKey{StageId::kInfer, 2, SL_SUB_STAGE_COMPUTE}));
}

// As files of before had them.
TEST(ResultJson, StagesAreReadInTheOrderOfThePipeline) {
  RunResult result = SomeResult();
  const StageKey order[] = {{StageId::kPreprocess, 1},
                            {StageId::kPreprocess, 2},
                            {StageId::kInfer, 1},
                            {StageId::kPostprocess, 1},
                            {StageId::kPostprocess, 2}};
  result.summary.stages.clear();
  for (const StageKey key : order)
    result.summary.stages.push_back({.key = key, .latency = result.summary.latency});
  const auto read = ResultFromJson(ResultToJson(result), "r.json");
  ASSERT_TRUE(read.ok()) << read.error().message();
  std::vector<std::string> names;
  for (const StageSummary& stage : read->summary.stages) names.push_back(StageKeyName(stage.key));
  EXPECT_THAT(names, ::testing::ElementsAre("preprocess#1", "infer#1", "postprocess#1", "preprocess#2",
                                            "postprocess#2"));
}

TEST(ResultJson, NamesThatAreNoUtf8AreWrittenAllTheSame) {
  RunResult result = SomeResult();
  result.manifest.input_description = "2 pictures, caf\xE9/";  // Latin-1
  const auto read = ResultFromJson(ResultToJson(result), "r.json");
  ASSERT_TRUE(read.ok()) << read.error().message();
  EXPECT_EQ(read->manifest.input_description, "2 pictures, caf\uFFFD/");
}

TEST(ResultJson, KeepsTheLimitsAndWhetherTheGoalWasReached) {
  const auto read = ResultFromJson(ResultToJson(SomeResult()), "r.json");
  ASSERT_TRUE(read.ok()) << read.error().message();
  const auto& limits = read->manifest.limits;
  ASSERT_TRUE(limits && limits->stop_when);
  EXPECT_EQ(limits->duration, std::chrono::seconds(9));
  EXPECT_EQ(limits->warm_up, std::chrono::seconds(1));
  EXPECT_FALSE(limits->iterations);
  EXPECT_EQ(limits->stop_when->quantity, Quantity::kThroughput);
  EXPECT_EQ(limits->stop_when->half_width, 0.03);
  EXPECT_EQ(limits->stop_when->min_duration, std::chrono::seconds(2));
  EXPECT_EQ(read->goal_reached, false);

  RunResult older = SomeResult();
  older.manifest.limits.reset();
  older.goal_reached.reset();
  const auto read_older = ResultFromJson(ResultToJson(older), "r.json");
  ASSERT_TRUE(read_older.ok());
  EXPECT_FALSE(read_older->manifest.limits || read_older->goal_reached);
}

TEST(ResultJson, StaysInsideItsSchema) {
  // Every top-level field and every field of a stage is named by the schema, which allows no others.
  const auto schema = nlohmann::json::parse(ReadFile("schema/result.schema.json").value());
  const auto json = nlohmann::json::parse(ResultToJson(SomeResult()));
  for (const auto& [name, value] : json.items()) EXPECT_TRUE(schema["properties"].contains(name)) << name;
  for (const auto& name : schema["required"]) EXPECT_TRUE(json.contains(name)) << name;
  for (const auto& [name, value] : json["stages"]["decode"].items()) {
    EXPECT_TRUE(schema["$defs"]["durations"]["properties"].contains(name)) << name;
  }
  const auto& trial = schema["properties"]["manifest"]["properties"]["trial"]["properties"];
  for (const auto& [name, value] : json["manifest"]["trial"].items())
    EXPECT_TRUE(trial.contains(name)) << name;
  const auto& limits = schema["properties"]["manifest"]["properties"]["limits"]["properties"];
  for (const auto& [name, value] : json["manifest"]["limits"].items())
    EXPECT_TRUE(limits.contains(name)) << name;
  for (const auto& [name, value] : json["manifest"]["limits"]["stop"].items())
    EXPECT_TRUE(limits["stop"]["properties"].contains(name)) << name;
}

TEST(ResultJson, SaysWhatIsNoResult) {
  EXPECT_THAT(ResultFromJson("{}", "r.json").error().message(),
              HasSubstr("r.json is not a result of `sightline run --json`"));
  const std::string no_json = ResultFromJson("not json", "r.json").error().message();
  EXPECT_THAT(no_json, HasSubstr("r.json is not a result"));
  EXPECT_THAT(no_json, ::testing::Not(HasSubstr("json.exception")));
  EXPECT_THAT(
      ResultFromJson(R"({"schema":"sightline.result","schema_version":99})", "r.json").error().message(),
      HasSubstr("written by a later version (schema 99"));
  EXPECT_THAT(ResultFromJson(R"({"schema":"sightline.result","schema_version":1,"frames":"many"})", "r.json")
                  .error()
                  .message(),
              HasSubstr("r.json: frames: type must be number, but is string"));
  EXPECT_THAT(ReadResult("no/such.json").error().message(), HasSubstr("there is no file no/such.json"));
}

// The sentence for a result in which `place` (a JSON pointer) is `value`.
std::string Refusal(const char* place, const nlohmann::json& value) {
  auto json = nlohmann::json::parse(ResultToJson(SomeResult()));
  json[nlohmann::json::json_pointer(place)] = value;
  const auto read = ResultFromJson(json.dump(), "r.json");
  return read.ok() ? "accepted" : read.error().message();
}

TEST(ResultJson, ErrorsNameThePlace) {
  EXPECT_THAT(Refusal("/stages/decode/count", "many"),
              HasSubstr("r.json: stages.decode.count: type must be number, but is string"));
  EXPECT_THAT(Refusal("/stages/decode", 7), HasSubstr("r.json: stages.decode: it must be an object"));
  EXPECT_THAT(Refusal("/findings", 7), HasSubstr("r.json: findings: it must be an array"));
  EXPECT_THAT(Refusal("/findings/0/severity", "fatal"),
              HasSubstr("r.json: findings[0].severity: 'fatal' is no word this version knows"));
  EXPECT_THAT(Refusal("/manifest/trial/scenario", "server-side"),
              HasSubstr("r.json: manifest.trial.scenario: 'server-side' is no word"));
  EXPECT_THAT(Refusal("/schema_version", "one"), HasSubstr("r.json: schema_version: type must be number"));
}

TEST(ResultCsv, OneLinePerStageAndOneForAll) {
  const std::string csv = ResultToCsv(SomeResult());
  const auto lines = std::count(csv.begin(), csv.end(), '\n');
  EXPECT_EQ(lines, 1 + 2 + 1);
  EXPECT_THAT(csv, HasSubstr("latency_ns_p50,latency_ns_p50_low,latency_ns_p50_high"));
  EXPECT_THAT(csv, HasSubstr("end_to_end,8,5,7,6,8,7,6,8,,,,,,,9,9,9,80.0000,79.0000,81.0000"));
  const std::string header = csv.substr(0, csv.find('\n'));
  for (size_t begin = 0; begin < csv.size(); begin = csv.find('\n', begin) + 1) {
    const std::string line = csv.substr(begin, csv.find('\n', begin) - begin);
    EXPECT_EQ(std::count(line.begin(), line.end(), ','), std::count(header.begin(), header.end(), ','))
        << line;
  }
}

// What was not measured is an empty cell, not 0.
TEST(ResultCsv, ARunWithoutAMeasuredFrameHasEmptyCells) {
  RunResult r = SomeResult();
  r.summary = {};
  r.partial = true;
  EXPECT_THAT(ResultToCsv(r), HasSubstr(",multi-stream,yes,end_to_end,0,,,,,,,,,,,,,,,,,,,\n"));
}

}  // namespace
}  // namespace sightline::store
