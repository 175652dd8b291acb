// What the commands write, held to the written contracts in schema/ by a validator.
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>
#include <utility>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

#include "src/analyze/comparison_json.h"
#include "src/analyze/profile_json.h"
#include "src/analyze/test_profiles.h"
#include "src/analyze/test_sides.h"
#include "src/base/text.h"
#include "src/cli/command.h"
#include "src/cli/precision_deviation.h"
#include "src/store/files.h"
#include "src/store/test_studies.h"

namespace sightline::cli {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

// What the validator objects to, one a line; "" when all is well.
std::string Objections(const std::string& schema_file, const Json& document) {
  const Json schema_json = Json::parse(store::ReadFile(schema_file).value());
  valijson::Schema schema;
  valijson::SchemaParser parser(valijson::SchemaParser::kDraft7);
  parser.populateSchema(valijson::adapters::NlohmannJsonAdapter(schema_json), schema);
  valijson::Validator validator;
  valijson::ValidationResults results;
  const valijson::adapters::NlohmannJsonAdapter target(document);
  if (validator.validate(schema, target, &results)) return "";
  std::string text;
  valijson::ValidationResults::Error error;
  while (results.popError(error)) text += Join(error.context, "") + ": " + error.description + "\n";
  return text.empty() ? "refused" : text;
}

// The standard output of a command that must succeed.
std::string OutputOf(const std::vector<std::string>& arguments) {
  const SteadyClock clock;
  const std::atomic<bool> stop{false};
  std::ostringstream out;
  std::ostringstream err;
  CliEnv env{.clock = clock, .out = out, .err = err, .stop = stop, .command_line = "sightline test"};
  EXPECT_EQ(RunCommandLine(arguments, env), kExitDone) << err.str();
  return out.str();
}

std::vector<std::string> RunArguments(const std::vector<std::string>& more) {
  std::vector<std::string> arguments = {
      "run",          "-m",      "mobilenet_v1_0.25_128", "--backend", "null",
      "--quiet",      "--input", "tests/data/pictures",   "--warm-up", "0s",
      "--iterations", "40"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

TEST(Schema, TheValidatorObjectsToWhatIsWrong) {
  Json result = Json::parse(OutputOf(RunArguments({"--json", "-"})));
  EXPECT_EQ(Objections("schema/result.schema.json", result), "");
  result["frames"] = "many";
  EXPECT_NE(Objections("schema/result.schema.json", result), "");
  result.erase("frames");
  EXPECT_NE(Objections("schema/result.schema.json", result), "");
}

TEST(Schema, ResultsOfEveryScenarioFollowIt) {
  for (const char* scenario : {"single-stream", "multi-stream", "offline"}) {
    const Json result = Json::parse(
        OutputOf(RunArguments({"--json", "-", "--scenario", scenario, "-b", "2", "--instances", "2"})));
    EXPECT_EQ(Objections("schema/result.schema.json", result), "") << scenario;
    EXPECT_EQ(result.contains("query"), std::string(scenario) == "multi-stream");
  }
}

// The null backend's zeros are a share of 0.5 each: all is found, or nothing.
TEST(Schema, ResultsOfDetectionFollowIt) {
  for (const auto& [threshold, found] : {std::pair{"0.4", true}, {"0.5", false}}) {
    Json result =
        Json::parse(OutputOf({"run", "-m", "ssd_mobilenet_v1_300", "--backend", "null", "--quiet", "--input",
                              "tests/data/pictures", "--warm-up", "0s", "--iterations", "5", "--json", "-",
                              "--max-detections", "7", "--score-threshold", threshold}));
    EXPECT_EQ(Objections("schema/result.schema.json", result), "");
    EXPECT_EQ(result["candidates_before_nms"]["max"], found ? 1917 * 90 : 0);
    EXPECT_EQ(result["candidates_after_nms"]["max"], found ? 7 : 0);
    ASSERT_TRUE(result["pictures"][0].contains("detections"));
    EXPECT_EQ(result["pictures"][0].contains("class"), found);
    result["pictures"][0]["detections"] = Json::array({{{"class", 1}}});
    EXPECT_NE(Objections("schema/result.schema.json", result), "") << "a box without sides";
  }
}

TEST(Schema, TheZooAndOneNetworkFollowTheirs) {
  EXPECT_EQ(
      Objections("schema/models.schema.json", Json::parse(OutputOf({"models", "squeezenet_1.1", "--json"}))),
      "");
  const Json detector = Json::parse(OutputOf({"models", "ssd_mobilenet_v1_300", "--json"}));
  EXPECT_EQ(Objections("schema/models.schema.json", detector), "");
  EXPECT_EQ(detector["detection"]["anchors"], 1917);
  EXPECT_EQ(detector["detection"]["iou_threshold"], 0.6);
  EXPECT_NE(Objections("schema/models.schema.json", Json::parse(R"([{"name": "x"}])")), "");
}

// Trials with and without a verdict, an interval, figures, findings and failures.
TEST(Schema, ComparisonsFollowIt) {
  using analyze::testing::Medians;
  using analyze::testing::ResultOf;
  std::vector<RunResult> a = {ResultOf(10, "null", 8)};
  std::vector<RunResult> b = {ResultOf(10, "null", 8), ResultOf(10, "null", 16)};
  for (const double ms : Medians(10, 15)) {
    a.push_back(ResultOf(ms, "null", 1));
    b.push_back(ResultOf(ms * 1.1, "null", 1));
    b.back().manifest.build = "another";
    b.back().findings = {{"contended", Severity::kWarning, "others ran"}};
  }
  for (const Quantity quantity : {Quantity::kLatencyP50, Quantity::kLatencyP99, Quantity::kThroughput}) {
    analyze::ComparedSide side = analyze::SideOfResults("b", b);
    side.trials[0].failures = {"launch 2: crashed: signal 11"};
    Json json = Json::parse(analyze::ComparisonToJson(
        analyze::CompareSides(analyze::SideOfResults("a", a), side, {.quantity = quantity})));
    EXPECT_EQ(Objections("schema/comparison.schema.json", json), "") << QuantityName(quantity);
    EXPECT_EQ(json["only_b"].size(), 1u);
    json["verdict"] = "worse";
    EXPECT_NE(Objections("schema/comparison.schema.json", json), "");
  }
}

// With and without roofs, intervals and a graph.
TEST(Schema, ProfilesFollowIt) {
  analyze::ProfileReport report = analyze::testing::SmallReport();
  Json json = Json::parse(analyze::ProfileToJson(report));
  EXPECT_EQ(Objections("schema/profile.schema.json", json), "");
  EXPECT_EQ(json["layers"][2]["verdict"], "compute-bound");
  EXPECT_TRUE(json.contains("inference_ns_p50_low"));
  json["layers"][2]["verdict"] = "slow";
  EXPECT_NE(Objections("schema/profile.schema.json", json), "");

  analyze::ProfileSamples samples = analyze::testing::SmallSamples();
  samples.inference_ns.resize(1);
  report.profile = analyze::MakeProfile(samples, {}, std::nullopt);
  report.no_roofs = "of a file nothing is known";
  report.partial_reason = "interrupted";
  const Json bare = Json::parse(analyze::ProfileToJson(report));
  EXPECT_EQ(Objections("schema/profile.schema.json", bare), "");
  EXPECT_FALSE(bare.contains("roofs"));
  EXPECT_FALSE(bare.contains("inference_ns_p50_low"));
  EXPECT_FALSE(bare["layers"][0].contains("macs"));
}

// A classifier and a detector; with a gain and its interval, without an interval, without a gain.
TEST(Schema, PrecisionsFollowIt) {
  analyze::Deviation scores;
  scores.Add(std::vector<float>{1, 2}, std::vector<float>{1, 2.5F}, OutputKind::kLogits);
  analyze::DetectionDeviation boxes;
  boxes.Add({.values = {{1}}, .detections = {}}, {.values = {{NAN}}, .detections = {}});
  const PrecisionGain gain{.speedup = 1.5, .interval = stats::Interval{1.4, 1.7}, .rounds = 12};
  const PrecisionRow row{
      .model = "m", .backend = "b", .note = "says so", .pictures = 1, .deviation = scores, .gain = gain};
  std::vector<PrecisionRow> rows = {row, row, row};
  rows[1].gain = PrecisionGain{.speedup = 1.5, .interval = {}, .rounds = 1};
  rows[2].gain.reset();
  rows[2].deviation = boxes;
  Json json = Json::parse(PrecisionJson(rows));
  EXPECT_EQ(Objections("schema/precision.schema.json", json), "");
  EXPECT_EQ(json[0]["top1_agreements"], 1);
  EXPECT_EQ(json[0]["speedup_high"], 1.7);
  EXPECT_FALSE(json[1].contains("speedup_low"));
  EXPECT_EQ(json[2]["detections"], 0);
  EXPECT_FALSE(json[2].contains("sqnr_db")) << "not finite";
  EXPECT_FALSE(json[2].contains("speedup"));
  json[2]["top1_agreements"] = 0;
  EXPECT_NE(Objections("schema/precision.schema.json", json), "") << "both a classifier and a detector";
  json = Json::parse(PrecisionJson(rows));
  json[0].erase("speedup_low");
  EXPECT_NE(Objections("schema/precision.schema.json", json), "") << "half an interval";
}

// With two launches of one trial and one of another.
TEST(Schema, TheSummaryOfAStudyFollowsIts) {
  const store::testing::TemporaryFolder folder;
  const std::string database = (folder.path() / "s.db").string();
  {
    auto opened = store::StudyStore::Open(database, store::Access::kWrite);
    ASSERT_TRUE(opened.ok()) << opened.error().message();
    const auto made = opened->CreateStudy(store::testing::SomeStudy(), store::testing::SomeTrials(2),
                                          store::testing::SomeReplicates(2, 2));
    ASSERT_TRUE(made.ok());
    for (size_t i = 0; i < 3; ++i) {
      store::testing::WriteRecords(folder.path() / "records", 100, i);
      ReplicateInfo replicate = store::testing::DoneReplicate(made->replicates[i].id);
      replicate.result_json = OutputOf(RunArguments({"--json", "-"}));
      ASSERT_TRUE(opened->MarkRunning(replicate.id, replicate.started_at, "").ok());
      ASSERT_TRUE(opened->FinishReplicate(replicate, folder.path() / "records").ok());
    }
  }
  const std::vector<std::string> show = {"study", "show", "quick", "--db", database, "--json", "-"};
  const Json plain = Json::parse(OutputOf(show));
  EXPECT_EQ(Objections("schema/study_summary.schema.json", plain), "");
  ASSERT_EQ(plain["trials"].size(), 2U);
  EXPECT_FALSE(plain["trials"][0].contains("components")) << "they take reading all records";
  EXPECT_TRUE(plain["trials"][0].contains("throughput_per_s_low"));
  EXPECT_FALSE(plain["trials"][1].contains("throughput_per_s_low")) << "a single launch";

  std::vector<std::string> all = show;
  all.emplace_back("--components");
  Json whole = Json::parse(OutputOf(all));
  EXPECT_EQ(Objections("schema/study_summary.schema.json", whole), "");
  EXPECT_EQ(whole["trials"][0]["components"]["launches"], 2);
  EXPECT_TRUE(whole["trials"][0]["components"].contains("variance_within"));
  EXPECT_EQ(whole["trials"][1]["components"], Json::parse(R"({"launches": 1})"));
  whole["trials"][0]["surprise"] = 1;
  EXPECT_NE(Objections("schema/study_summary.schema.json", whole), "");
}

// A line of the CSV as an object of texts.
TEST(Schema, RecordsHaveTheColumnsOfTheirs) {
  const fs::path path = fs::temp_directory_path() / ("schema_test_" + std::to_string(getpid()) + ".csv");
  OutputOf(RunArguments({"--records", path.string()}));
  const auto lines = Split(store::ReadFile(path).value(), '\n');
  fs::remove(path);
  ASSERT_GE(lines.size(), 42u);
  const auto columns = Split(lines[0], ',');
  const auto cells = Split(lines[1], ',');
  ASSERT_EQ(columns.size(), cells.size());
  Json record = Json::object();
  for (size_t i = 0; i < columns.size(); ++i) record[columns[i]] = cells[i];
  EXPECT_EQ(Objections("schema/record.schema.json", record), "");
  record["surprise"] = "";
  EXPECT_NE(Objections("schema/record.schema.json", record), "");
}

}  // namespace
}  // namespace sightline::cli
