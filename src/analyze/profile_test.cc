#include "src/analyze/profile.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "src/analyze/test_profiles.h"

namespace sightline::analyze {
namespace {

using Json = nlohmann::json;
using testing::Around;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::Layer;
using testing::SmallGraph;
using testing::SmallReport;
using testing::SmallRoofs;
using testing::SmallSamples;

const ProfileRow& RowOf(const Profile& profile, const std::string& name) {
  const auto found = std::find_if(profile.rows.begin(), profile.rows.end(),
                                  [&](const ProfileRow& row) { return row.name == name; });
  EXPECT_NE(found, profile.rows.end()) << name;
  return *found;
}

TEST(Profile, ALayerThatStandsForSeveralNodesIsCalledAfterTheOneWithTheWork) {
  const Profile profile = MakeProfile(SmallSamples(), SmallGraph(), SmallRoofs());
  const ProfileRow& conv1 = RowOf(profile, "conv1");
  EXPECT_EQ(conv1.operators, "Conv + BatchNormalization + Relu");
  EXPECT_EQ(conv1.type, "Conv");
  EXPECT_THAT(conv1.nodes, ElementsAre("conv1", "conv1/bn", "conv1/act"));
  EXPECT_THAT(conv1.layers, ElementsAre("conv1/act"));
  EXPECT_EQ(conv1.work.macs, 20'000'000);
  EXPECT_EQ(conv1.work.weight_bytes, 20'000);
  EXPECT_EQ(conv1.work.activation_bytes, 800'000) << "one tensor in, one out; two live and die within";
  EXPECT_DOUBLE_EQ(conv1.duration_ns.value, 400'000);
}

TEST(Profile, OfNodesWithoutMultiplyAddsTheOneThatReadsMostGivesTheName) {
  const LayerGraph graph = testing::GraphMaker()
                               .Node("left", "MaxPool", {"x"})
                               .Node("right", "MaxPool", {"x"})
                               .Node("add", "Add", {"left", "right"})
                               .Node("act", "Relu", {"add"})
                               .Output("act")
                               .Made();
  ProfileSamples samples = SmallSamples();
  samples.layers = {Layer("add", "Eltwise", 10)};
  const ProfileRow row = RowOf(MakeProfile(samples, graph, SmallRoofs()), "add");
  EXPECT_EQ(row.type, "Add");
  EXPECT_EQ(row.operators, "Add + Relu");
}

TEST(Profile, ANodeThatRunsAsSeveralLayersIsTheirSum) {
  const ProfileRow conv2 = RowOf(MakeProfile(SmallSamples(), SmallGraph(), SmallRoofs()), "conv2");
  EXPECT_THAT(conv2.layers, ElementsAre("conv2/weights", "conv2/conv", "conv2"));
  EXPECT_NEAR(conv2.duration_ns.value, 2'051'000, 1);
  EXPECT_NEAR(conv2.share, 2051.0 / 3100, 1e-9);
  EXPECT_TRUE(conv2.duration_ns.low);
  EXPECT_LT(conv2.duration_ns.low, conv2.duration_ns.value);
  EXPECT_GT(conv2.duration_ns.high, conv2.duration_ns.value);
}

TEST(Profile, WhatFitsNoNodeIsShownUnderItsOwnName) {
  const Profile profile = MakeProfile(SmallSamples(), SmallGraph(), SmallRoofs());
  const ProfileRow& reorder = RowOf(profile, "reorder");
  EXPECT_EQ(reorder.operators, "Reorder");
  EXPECT_THAT(reorder.nodes, IsEmpty());
  EXPECT_EQ(reorder.roofline.verdict, Verdict::kUnknown);
  EXPECT_THAT(RowOf(profile, "(constants and arguments)").layers, ElementsAre("_SOURCE"));
  EXPECT_THAT(profile.nodes_without_time, ElementsAre("flatten"));
}

TEST(Profile, EveryNanosecondOfTheLayersIsInOneRow) {
  const ProfileSamples samples = SmallSamples();
  const Profile profile = MakeProfile(samples, SmallGraph(), SmallRoofs());
  for (const auto* rows : {&profile.rows, &profile.types}) {
    double sum = 0;
    for (const ProfileRow& row : *rows) sum += row.duration_ns.value;
    EXPECT_NEAR(sum, 2'982'000, 1);
  }
  EXPECT_NEAR(profile.layers_ns.value, 2'982'000, 1);
  EXPECT_NEAR(profile.unattributed_ns.value, 3'100'000 - 2'982'000, 1);
  EXPECT_TRUE(profile.unattributed_ns.low);
  EXPECT_LT(profile.unattributed_ns.low, profile.unattributed_ns.value);
  EXPECT_GT(profile.unattributed_ns.high, profile.unattributed_ns.value);
}

TEST(Profile, VerdictsFollowTheRoofs) {
  const Profile profile = MakeProfile(SmallSamples(), SmallGraph(), SmallRoofs());
  EXPECT_EQ(RowOf(profile, "conv1").roofline.verdict, Verdict::kComputeBound);  // 200 of 400 us
  EXPECT_EQ(RowOf(profile, "conv2").roofline.verdict, Verdict::kInefficient);   // 30 of 2051 us
  EXPECT_EQ(RowOf(profile, "pool").roofline.verdict, Verdict::kOverheadBound);  // 8 of 500 us
  for (const ProfileRow& row : MakeProfile(SmallSamples(), SmallGraph(), std::nullopt).rows) {
    EXPECT_EQ(row.roofline.verdict, Verdict::kUnknown);
  }
}

// Five runs say too little for an interval, so a verdict has to hold for each of them.
TEST(Profile, WithoutAnIntervalEverySampleCounts) {
  ProfileSamples samples;
  samples.layers = {{.name = "conv1",
                     .type = "Conv",
                     .durations_ns = {400e3, 400e3, 400e3, 400e3, 2000e3},
                     .begins_ns = std::vector<int64_t>(5)}};
  samples.inference_ns = samples.profiled_ns = {1e6, 1e6, 1e6, 1e6, 1e6};
  const Profile profile = MakeProfile(samples, SmallGraph(), SmallRoofs());
  EXPECT_FALSE(RowOf(profile, "conv1").duration_ns.low);
  EXPECT_EQ(RowOf(profile, "conv1").roofline.verdict, Verdict::kUndecided);
  EXPECT_FALSE(profile.unattributed_ns.low);
}

TEST(Profile, TypesAreSummedUpLongestFirst) {
  const Profile profile = MakeProfile(SmallSamples(), SmallGraph(), SmallRoofs());
  std::vector<std::string> types;
  for (const ProfileRow& row : profile.types) types.push_back(row.type);
  EXPECT_THAT(types, ElementsAre("Conv depthwise", "GlobalAveragePool", "Conv", "Reorder",
                                 "(constants and arguments)"));
}

TEST(Profile, OfAModelNobodyCanReadTheLayersAreShownAsTheyAre) {
  const Profile profile = MakeProfile(SmallSamples(), {}, SmallRoofs());
  EXPECT_EQ(RowOf(profile, "conv1/act").operators, "_FusedConv2D");
  EXPECT_EQ(RowOf(profile, "conv2").duration_ns.value, 50'000);
}

TEST(ProfileTrace, LayersLieEndToEndWhereTheirBeginIsNotKnown) {
  const Json trace = Json::parse(ProfileToTrace(SmallReport(), SmallSamples()));
  double end_us = 0;
  int layers = 0;
  for (const Json& event : trace["traceEvents"]) {
    if (event["ph"] != "X") continue;
    EXPECT_EQ(event["pid"], 1);
    EXPECT_GE(event["dur"], 0);
    if (event["tid"] == 0) {
      EXPECT_NEAR(event["dur"].get<double>(), 3100, 1e-6);
      continue;
    }
    EXPECT_NEAR(event["ts"].get<double>(), end_us, 1e-6) << event["name"];
    end_us = event["ts"].get<double>() + event["dur"].get<double>();
    ++layers;
  }
  EXPECT_EQ(layers, 7);
  EXPECT_NEAR(end_us, 2982, 1e-6);
}

TEST(ProfileTrace, ALayerCarriesItsWork) {
  const Json trace = Json::parse(ProfileToTrace(SmallReport(), SmallSamples()));
  const auto event = [&](const std::string& name) {
    for (const Json& e : trace["traceEvents"]) {
      if (e["ph"] == "X" && e["name"] == name) return e["args"];
    }
    return Json();
  };
  EXPECT_EQ(event("conv1/act")["node"], "conv1");
  EXPECT_EQ(event("conv1/act")["macs"], 20'000'000);
  EXPECT_EQ(event("conv1/act")["bytes"], 820'000);
  EXPECT_EQ(event("conv1/act")["verdict"], "compute-bound");
  EXPECT_EQ(event("conv2/conv")["layers_of_node"], 3);
  EXPECT_EQ(event("reorder"), Json::parse(R"({"type": "Reorder"})"));
}

TEST(ProfileTrace, LayersThatRunSideBySideLieOnThreadsOfTheirOwn) {
  ProfileSamples samples;
  samples.layers = {Layer("a", "Op", 100, 1'000'000), Layer("b", "Op", 100, 1'050'000),
                    Layer("c", "Op", 100, 1'200'000)};
  samples.inference_ns = samples.profiled_ns = Around(300);
  ProfileReport report = SmallReport();
  report.profile = MakeProfile(samples, {}, std::nullopt);
  const Json trace = Json::parse(ProfileToTrace(report, samples));
  std::vector<std::pair<double, int>> places;
  for (const Json& event : trace["traceEvents"]) {
    if (event["ph"] == "X" && event["tid"] != 0) places.emplace_back(event["ts"], event["tid"]);
  }
  EXPECT_THAT(places, ElementsAre(std::pair{0.0, 1}, std::pair{50.0, 2}, std::pair{200.0, 1}));
}

TEST(Profile, ARoofIsTheBestSampleAndKnownAsFarAsOthersComeNear) {
  std::vector<double> rates;
  for (int i = 1; i <= 20; ++i) rates.push_back(i);
  const Estimate roof = RoofEstimate(rates);
  EXPECT_EQ(roof.value, 20);
  EXPECT_EQ(roof.low, 18);
  EXPECT_EQ(roof.high, 20);
}

TEST(Profile, TheTypicalRunIsTheMedianOne) {
  ProfileSamples samples;
  samples.layers = {{.name = "a", .type = "Op", .durations_ns = {5, 1, 3}, .begins_ns = {0, 0, 0}}};
  samples.inference_ns = samples.profiled_ns = {9, 9, 9};
  EXPECT_EQ(TypicalRun(samples), 2U);
}

}  // namespace
}  // namespace sightline::analyze
