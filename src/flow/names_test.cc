// The words of the command line and of results that stand for enumerators.
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "src/flow/run_result.h"
#include "src/flow/task.h"
#include "src/flow/trial.h"

namespace sightline {
namespace {

TEST(ScenarioName, ReadsBackAsItIsWritten) {
  for (const Scenario scenario : {Scenario::kSingleStream, Scenario::kMultiStream, Scenario::kOffline}) {
    EXPECT_EQ(ScenarioFromName(ScenarioName(scenario)), scenario);
  }
  EXPECT_EQ(ScenarioName(Scenario::kMultiStream), "multi-stream");
  EXPECT_FALSE(ScenarioFromName("Offline"));
  EXPECT_FALSE(ScenarioFromName(""));
}

TEST(QuantityName, ReadsBackAsItIsWritten) {
  for (const Quantity quantity : {Quantity::kLatencyMean, Quantity::kLatencyP50, Quantity::kLatencyP90,
                                  Quantity::kLatencyP99, Quantity::kThroughput}) {
    EXPECT_EQ(QuantityFromName(QuantityName(quantity)), quantity);
    EXPECT_NE(QuantityNames().find(QuantityName(quantity)), std::string::npos);
  }
  EXPECT_EQ(QuantityName(Quantity::kThroughput), "throughput_per_s");
  EXPECT_EQ(PerMilleOf(Quantity::kLatencyP99), 990);
  EXPECT_FALSE(PerMilleOf(Quantity::kLatencyMean));
  EXPECT_FALSE(QuantityFromName("latency"));
}

TEST(FigureOf, IsTheSummarysOwnOrNone) {
  RunSummary summary;
  for (const Quantity quantity : {Quantity::kLatencyMean, Quantity::kLatencyP50, Quantity::kThroughput}) {
    EXPECT_FALSE(FigureOf(summary, quantity));
  }
  summary.latency.count = 3;
  summary.latency.mean_ns.value = 7;
  summary.latency.percentiles_ns[900] = {9, 8, 10};
  summary.throughput_per_s = {100, 90, 110};
  EXPECT_EQ(FigureOf(summary, Quantity::kLatencyMean)->value, 7);
  EXPECT_EQ(FigureOf(summary, Quantity::kLatencyP90)->low, 8);
  EXPECT_EQ(FigureOf(summary, Quantity::kThroughput)->high, 110);
  EXPECT_FALSE(FigureOf(summary, Quantity::kLatencyP99));
}

TEST(Configuration, NamesEveryFactorAsAPlanDoes) {
  TrialSpec trial{.model = "m", .backend = "b", .batch = 4, .threads = 2, .pin = {0, 1}};
  trial.backend_options["layout"] = "nhwc";
  const std::map<std::string, std::string> factors = [&] {
    const Factors list = ConfigurationOf(trial);
    return std::map<std::string, std::string>(list.begin(), list.end());
  }();
  EXPECT_EQ(factors.at("model"), "m");
  EXPECT_EQ(factors.at("batch"), "4");
  EXPECT_EQ(factors.at("threads"), "2");
  EXPECT_EQ(factors.at("inter_threads"), "default");
  EXPECT_EQ(factors.at("pin"), "0,1");
  EXPECT_EQ(factors.at("precision"), "fp32");
  EXPECT_EQ(factors.at("jpeg_scaling"), "false");
  EXPECT_EQ(factors.at("option.layout"), "nhwc");
}

TEST(PercentileName, IsTheFieldNameOfResults) {
  EXPECT_EQ(PercentileName(500), "p50");
  EXPECT_EQ(PercentileName(990), "p99");
  EXPECT_EQ(PercentileName(999), "p99_9");
}

TEST(SeverityName, IsOneWord) {
  EXPECT_EQ(SeverityName(Severity::kInfo), "info");
  EXPECT_EQ(SeverityName(Severity::kWarning), "warning");
  EXPECT_EQ(SeverityName(Severity::kError), "error");
}

TEST(TaskName, IsOneWord) {
  EXPECT_EQ(TaskName(Task::kClassification), "classification");
  EXPECT_EQ(TaskName(Task::kDetection), "detection");
}

}  // namespace
}  // namespace sightline
