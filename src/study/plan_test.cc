#include "src/study/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "src/study/flags.h"

namespace sightline::study {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;
using ::testing::StartsWith;

// A plan that lacks nothing, and `more` behind it.
std::string Good(const std::string& more = "") {
  return "sightline_plan: 1\n"
         "name: quick\n"
         "factors:\n"
         "  model: [squeezenet_1.1, resnet50_v1]\n"
         "  backend: [tensorflow, opencv]\n"
         "  batch: [1, 4]\n" +
         more;
}

std::string ErrorOf(const std::string& text) {
  const auto plan = ParsePlan(text, "plan.yaml");
  EXPECT_FALSE(plan.ok()) << text;
  if (plan.ok()) return "no error";
  EXPECT_EQ(plan.error().kind(), ErrorKind::kInvalidArgument);
  return plan.error().message();
}

TEST(ParsePlan, ReadsEverything) {
  const auto parsed = ParsePlan(
      "sightline_plan: 1\n"
      "name: quick\n"
      "description: all of it\n"
      "settings:\n"
      "  input: photos/*.jpg\n"
      "  duration: 20s\n"
      "  warm_up: 1.5\n"
      "  jpeg_scaling: true\n"
      "  option.layout: nhwc\n"
      "factors:\n"
      "  model: [squeezenet_1.1, \"1\"]\n"
      "  backend: [tensorflow, opencv]\n"
      "  batch: [1, 4]\n"
      "  threads: [default, 2]\n"
      "  pin: [0, \"0,1\"]\n"
      "exclude:\n"
      "  - {backend: opencv, batch: [4]}\n"
      "  - {threads: 2}\n"
      "design: {one_at_a_time: {batch: 4}}\n"
      "replicates: {min: 3, max: 10, half_width: 1%}\n"
      "stop: {quantity: latency_ns_p99, half_width: 2.5%, min_duration: 2s}\n"
      "limits: {replicate_timeout: 5min, total: 2h, memory: 8GiB}\n"
      "order: as_written\n"
      "seed: 7\n",
      "plan.yaml");
  ASSERT_TRUE(parsed.ok()) << parsed.error().message();
  const Plan& plan = *parsed;
  EXPECT_EQ(plan.name, "quick");
  EXPECT_EQ(plan.description, "all of it");
  EXPECT_THAT(plan.settings,
              ElementsAre(Pair("input", "photos/*.jpg"), Pair("duration", "20s"), Pair("warm_up", "1.5"),
                          Pair("jpeg_scaling", "true"), Pair("option.layout", "nhwc")));
  ASSERT_EQ(plan.factors.size(), 5);
  EXPECT_EQ(plan.factors[0].name, "model");
  EXPECT_THAT(plan.factors[0].levels, ElementsAre("squeezenet_1.1", "1"));
  EXPECT_THAT(plan.factors[3].levels, ElementsAre("default", "2"));
  EXPECT_THAT(plan.factors[4].levels, ElementsAre("0", "0,1"));
  ASSERT_EQ(plan.exclude.size(), 2);
  EXPECT_EQ(plan.exclude[0][1].name, "batch");
  EXPECT_THAT(plan.exclude[0][1].levels, ElementsAre("4"));
  EXPECT_THAT(plan.exclude[1][0].levels, ElementsAre("2"));
  EXPECT_EQ(plan.design.kind, DesignKind::kOneAtATime);
  EXPECT_EQ(plan.design.base.at("batch"), "4");
  EXPECT_EQ(plan.design.base.at("model"), "squeezenet_1.1");
  EXPECT_EQ(plan.replicates.min, 3);
  EXPECT_EQ(plan.replicates.max, 10);
  EXPECT_EQ(plan.replicates.quantity, "latency_ns_p99") << "the quantity of `stop` unless another is named";
  EXPECT_DOUBLE_EQ(plan.replicates.half_width, 0.01);
  EXPECT_EQ(plan.stop->quantity, "latency_ns_p99");
  EXPECT_DOUBLE_EQ(plan.stop->half_width, 0.025);
  EXPECT_EQ(plan.stop->min_duration, std::chrono::seconds(2));
  EXPECT_EQ(plan.limits.replicate_timeout, std::chrono::minutes(5));
  EXPECT_EQ(plan.limits.total, std::chrono::hours(2));
  EXPECT_EQ(plan.limits.memory_bytes, int64_t{8} << 30);
  EXPECT_EQ(plan.order, RunOrder::kAsWritten);
  EXPECT_EQ(plan.seed, 7);
}

TEST(ParsePlan, WhatIsLeftOutHasDefaults) {
  const auto plan = ParsePlan(Good(), "plan.yaml");
  ASSERT_TRUE(plan.ok()) << plan.error().message();
  EXPECT_EQ(plan->design.kind, DesignKind::kFull);
  EXPECT_EQ(plan->replicates.min, 3);
  EXPECT_EQ(plan->replicates.max, 3);
  EXPECT_FALSE(plan->stop.has_value());
  EXPECT_EQ(plan->limits.replicate_timeout, std::chrono::minutes(10));
  EXPECT_FALSE(plan->limits.memory_bytes.has_value());
  EXPECT_EQ(plan->order, RunOrder::kInterleaved);
  EXPECT_EQ(plan->seed, 1);
}

TEST(ParsePlan, AnAliasStandsForItsAnchor) {
  const auto plan = ParsePlan(
      "sightline_plan: 1\nname: a\nfactors:\n  model: [x]\n  backend: [opencv]\n"
      "  threads: &counts [1, 2]\n  batch: *counts\n",
      "plan.yaml");
  ASSERT_TRUE(plan.ok()) << plan.error().message();
  EXPECT_THAT(plan->factors[3].levels, ElementsAre("1", "2"));
}

struct Bad {
  std::string text;
  std::string message;  // without "plan.yaml:"
};

class ParsePlanRefuses : public ::testing::TestWithParam<Bad> {};

TEST_P(ParsePlanRefuses, AndSaysWhereAndWhat) {
  EXPECT_EQ(ErrorOf(GetParam().text), "plan.yaml:" + GetParam().message);
}

const std::string kHead = "sightline_plan: 1\nname: a\n";

INSTANTIATE_TEST_SUITE_P(
    Shape, ParsePlanRefuses,
    ::testing::Values(
        Bad{"", "1:1: is empty; write a plan, beginning with sightline_plan: 1"},
        Bad{"hello", "1:1: 'hello' does not fit; write a plan, beginning with sightline_plan: 1"},
        Bad{"- a", "1:1: is a list; write a plan, beginning with sightline_plan: 1"},
        Bad{kHead,
            "1:1: 'factors' is missing; write factors: and at least one factor with its levels, for example "
            "model: [resnet50_v1, mobilenet_v1_1.0_224]"},
        Bad{"sightline_plan: 2\nname: a\nfactors: {model: [a]}\n",
            "1:17: sightline_plan: '2' does not fit; write 1, the version of the plan's format"},
        Bad{Good("name: b\n"), "7:1: name: this key was given before; keep one of the two"},
        Bad{Good("---\nname: b\n"), "8:1: a second document begins here; keep one document in the file"},
        Bad{Good("? [a, b]\n: c\n"), "7:3: a key here is not a short text; write KEY: VALUE"},
        Bad{Good("factor: {}\n"), "7:1: factor: is not known here; did you mean factors?"},
        Bad{Good("<<: {}\n"),
            "7:1: <<: is not known here; it can be sightline_plan, name, description, settings, "
            "factors, exclude, design, replicates, stop, limits, order, seed"},
        Bad{"sightline_plan: 1\nname: \"\"\nfactors: {model: [a]}\n",
            "2:7: name: is empty; write a name of 1 to 100 letters, digits and . _ -"},
        Bad{"sightline_plan: 1\nname: a/b\nfactors: {model: [a]}\n",
            "2:7: name: 'a/b' does not fit; write a name of 1 to 100 letters, digits and . _ -"}));

INSTANTIATE_TEST_SUITE_P(
    Factors, ParsePlanRefuses,
    ::testing::Values(
        Bad{kHead + "factors:\n",
            "3:1: factors: is empty; write at least one factor with its levels, for example "
            "model: [resnet50_v1, mobilenet_v1_1.0_224]"},
        Bad{kHead + "factors: {}\n",
            "3:10: factors: is an empty mapping; write at least one factor with its levels, "
            "for example model: [resnet50_v1, mobilenet_v1_1.0_224]"},
        Bad{kHead + "factors:\n  model: []\n",
            "4:10: factors.model: is an empty list; write a list of 1 to 1000 models"},
        Bad{kHead + "factors:\n  model: resnet50_v1\n",
            "4:10: factors.model: 'resnet50_v1' does not fit; write a list of 1 to 1000 models"},
        Bad{Good("  threads: [1, four]\n"),
            "7:16: factors.threads[1]: 'four' does not fit; write a whole number from "
            "1 to 65536, or default for the framework's choice"},
        Bad{Good("  instances: [1.5]\n"),
            "7:15: factors.instances[0]: '1.5' does not fit; write a whole number from 1 to 65536"},
        Bad{Good("  instances: [0]\n"),
            "7:15: factors.instances[0]: '0' does not fit; write a whole number from 1 to 65536"},
        Bad{Good("  instances: [\"1\"]\n"),
            "7:15: factors.instances[0]: '1' does not fit; write a whole number from 1 to 65536"},
        Bad{Good("  instances: [[1]]\n"),
            "7:15: factors.instances[0]: is a list; write a whole number from 1 to 65536"},
        Bad{Good("  precision: [fp64]\n"),
            "7:15: factors.precision[0]: 'fp64' does not fit; write fp32, fp16, bf16 or int8"},
        Bad{Good("  instances: [1, 2, 1]\n"),
            "7:21: factors.instances[2]: '1' is level [0] already; keep one of the two"},
        Bad{Good("  instances: [4, 04]\n"),
            "7:18: factors.instances[1]: '4' is level [0] already; keep one of the two"},
        Bad{Good("  thread: [1]\n"), "7:3: factors.thread: is not known here; did you mean threads?"},
        Bad{Good("  duration: [1s]\n"),
            "7:3: factors.duration: is not known here; it can be model, backend, device, "
            "batch, instances, threads, inter_threads, precision, calibration, calibration_pictures, "
            "scenario, "
            "frames_per_query, pin, input, jpeg_scaling, weight_seed, score_threshold, "
            "iou_threshold, max_detections, proposals"},
        Bad{Good("  placement: [local]\n"),
            "7:3: factors.placement: comes with remote placement, which this version "
            "does not have; leave it out"},
        Bad{Good("  link: [lte]\n"),
            "7:3: factors.link: comes with remote placement, which this version does not have; leave it out"},
        Bad{Good("settings: {batch: 2}\n"),
            "6:3: factors.batch: is among the settings too; keep it in one of the two"},
        Bad{kHead + "factors: {backend: [opencv]}\n",
            "3:1: factors: no model is named; add model: [...] here, or model: ... to the settings"}));

INSTANTIATE_TEST_SUITE_P(
    Values, ParsePlanRefuses,
    ::testing::Values(
        Bad{Good("settings:\n  duration: soon\n"),
            "8:13: settings.duration: 'soon' does not fit; write a duration such as 250ms, 20s, 5min or 2h"},
        Bad{Good("settings:\n  duration: -1\n"),
            "8:13: settings.duration: '-1' does not fit; write a duration such as 250ms, 20s, 5min or 2h"},
        Bad{Good("settings:\n  duration: 99999999h\n"),
            "8:13: settings.duration: '99999999h' is not a duration of at most a year; write for example "
            "250ms, 20s, "
            "5min or 2h"},
        Bad{Good("settings:\n  batch: [1, 2]\n"),
            "8:10: settings.batch: is a list; write a whole number from 1 to 65536"},
        Bad{Good("stop: {half_width: 0}\n"),
            "7:20: stop.half_width: '0' does not fit; write a percentage above 0 % and "
            "below 100 %, such as 2%"},
        Bad{Good("stop: {half_width: 0%}\n"),
            "7:20: stop.half_width: '0%' is not above 0 % and below 100 %; write for example 2%"},
        Bad{Good("stop: {quantity: latency_ns_p50}\n"),
            "7:7: stop: 'half_width' is missing; write half_width: and a percentage above 0 % and below 100 "
            "%, such as "
            "2%"},
        Bad{Good("stop: {quantity: p50, half_width: 1%}\n"),
            "7:18: stop.quantity: 'p50' does not fit; write latency_ns_mean, latency_ns_p50, latency_ns_p90, "
            "latency_ns_p99 or throughput_per_s"},
        Bad{Good("stop: {half_width: 1%, min_duration: 20s}\n"),
            "7:38: stop.min_duration: is longer than a launch measures at most (10 s); lower it, or raise "
            "settings.duration"},
        Bad{Good("replicates: 0\n"),
            "7:13: replicates: '0' does not fit; write a whole number from 1 to 1000, or {min: 3, max: 10, "
            "half_width: "
            "2%}: process launches of each trial"},
        Bad{Good("replicates: {min: 5, max: 3}\n"),
            "7:19: replicates.min: 5 is more than max, which is 3; lower min or raise max"},
        Bad{Good("replicates: {min: 5}\n"),
            "7:13: replicates: 'max' is missing; write max: and a whole number from 2 to "
            "1000: launches at most"},
        Bad{Good("limits: {replicate_timeout: 5s}\n"),
            "7:29: limits.replicate_timeout: 5 s end a launch before its warm-up and duration (10 s) are "
            "over; raise "
            "it"},
        Bad{Good("limits: {total: 0s}\n"),
            "7:17: limits.total: is 0, so nothing would run; write for example 2h"},
        Bad{Good("limits: {memory: 8}\n"),
            "7:18: limits.memory: '8' does not fit; write a size such as 512MiB or 8GiB"},
        Bad{Good("limits: {memory: 1MiB}\n"),
            "7:18: limits.memory: '1MiB' is less than a process needs (16MiB) or more than 2^60 bytes; write "
            "for example "
            "8GiB"},
        Bad{Good("order: random\n"),
            "7:8: order: 'random' does not fit; write interleaved (rounds in random order, each "
            "with every trial once) or as_written (trial by trial)"},
        Bad{Good("seed: -1\n"),
            "7:7: seed: '-1' does not fit; write a whole number from 0 to 9007199254740991"}));

INSTANTIATE_TEST_SUITE_P(
    Names, ParsePlanRefuses,
    ::testing::Values(
        Bad{Good("exclude: [{threads: 1}]\n"),
            "7:12: exclude[0].threads: is not a factor of this plan; its factors are model, backend, batch"},
        Bad{Good("exclude: [{batch: 2}]\n"),
            "7:19: exclude[0].batch: '2' is not a level of factor batch; its levels are 1, 4"},
        Bad{Good("exclude: [{batch: [1, 2]}]\n"),
            "7:23: exclude[0].batch[1]: '2' is not a level of factor batch; its levels are 1, 4"},
        Bad{Good("exclude: [{batch: {}}]\n"),
            "7:19: exclude[0].batch: is an empty mapping; write one of the factor's "
            "levels, or a list of them"},
        Bad{Good("exclude: [{batch: [1, 4]}]\n"), "3:1: factors: exclude leaves no trial; exclude less"},
        Bad{Good("design: half\n"),
            "7:9: design: 'half' does not fit; write full, {random: NUMBER_OF_TRIALS} or "
            "{one_at_a_time: {FACTOR: BASE_LEVEL}}"},
        Bad{Good("design: {random: 0}\n"),
            "7:18: design.random: '0' does not fit; write a whole number from 1 to "
            "100000: trials drawn from all combinations"},
        Bad{Good("design: {random: 9}\n"),
            "7:1: design: random asks for 9 trials, but the factors come to 8 "
            "combinations; lower it, or use design: full"},
        Bad{Good("design: {one_at_a_time: {batch: 3}}\n"),
            "7:33: design.one_at_a_time.batch: '3' is not a level of factor batch; its levels are 1, 4"},
        Bad{Good("design: {one_at_a_time: {threads: 3}}\n"),
            "7:26: design.one_at_a_time.threads: is not a factor of "
            "this plan; its factors are model, backend, batch"}));

TEST(ParsePlan, OfSeveralMistakesTheFirstInTheTextIsNamed) {
  EXPECT_THAT(ErrorOf(Good("seed: x\n") + "order: y\n"), StartsWith("plan.yaml:7:7: seed:"));
  EXPECT_THAT(ErrorOf(Good("order: y\n") + "seed: x\n"), StartsWith("plan.yaml:7:8: order:"));
}

TEST(ParsePlan, WhatIsNotYamlIsPlaced) {
  EXPECT_THAT(ErrorOf("name: [a\nfactors: {"), HasSubstr("is not YAML here"));
  EXPECT_THAT(ErrorOf("a: b: c\n"), StartsWith("plan.yaml:1:5: is not YAML here"));
  EXPECT_THAT(ErrorOf("a: *nothing\n"), HasSubstr("plan.yaml:1:4: is not YAML here"));
  EXPECT_THAT(ErrorOf(std::string("\x89PNG\0\1\2", 7)), StartsWith("plan.yaml:1:"));
}

TEST(ParsePlan, TextsAreBounded) {
  EXPECT_THAT(ErrorOf(std::string((1 << 20) + 1, '#')), HasSubstr("is longer than 1 MiB"));
  EXPECT_THAT(ErrorOf(std::string(100'000, '[')), StartsWith("plan.yaml:1:"));
  EXPECT_THAT(ErrorOf("name: " + std::string(5000, 'x')), HasSubstr("longer than 4096 characters"));
  EXPECT_THAT(ErrorOf("a: " + std::string(40, '[') + std::string(40, ']')),
              HasSubstr("nested more than 32 deep"));
  std::string keys;
  for (int i = 0; i < 1001; ++i) keys += "k" + std::to_string(i) + ": 1\n";
  EXPECT_THAT(ErrorOf(keys), HasSubstr("more than 1000 keys"));
}

TEST(ParsePlan, AliasesOfAliasesEndAtTheSameBound) {
  std::string text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 10; ++i) {
    const std::string one = "*a" + std::to_string(i - 1);
    text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + one;
    for (int k = 0; k < 8; ++k) text += ", " + one;
    text += "]\n";
  }
  EXPECT_THAT(ErrorOf(text),
              HasSubstr("holds more than 200000 values, aliases written out; make it smaller"));
  EXPECT_THAT(ErrorOf("a: &a [*a]\n"), HasSubstr("nested more than 32 deep"));
}

TEST(ParsePlan, TooManyTrials) {
  std::string levels = "1";
  for (int i = 2; i <= 500; ++i) levels += ", " + std::to_string(i);
  const std::string more = "  threads: [" + levels + "]\n  instances: [" + levels + "]\n";
  EXPECT_EQ(ErrorOf(Good(more)),
            "plan.yaml:3:1: factors: the factors come to more than 100000 combinations; leave out levels or "
            "factors, or "
            "use another design");
  EXPECT_THAT(ErrorOf(Good(more + "design: {random: 5}\n")), HasSubstr("more than 1000000 combinations"));
  EXPECT_TRUE(ParsePlan(Good(more + "design: {one_at_a_time: {}}\n"), "plan.yaml").ok());
}

// What the schema lets through and what `sightline run` is told must be one list.
TEST(PlanSchema, KnowsTheNamesOfTheFlagTable) {
  const auto schema = nlohmann::json::parse(PlanSchema());
  size_t factors = 0;
  for (const FlagSpec& flag : Flags()) {
    EXPECT_TRUE(schema["properties"]["settings"]["properties"].contains(flag.name)) << flag.name;
    EXPECT_EQ(schema["properties"]["factors"]["properties"].contains(flag.name), flag.is_factor) << flag.name;
    factors += flag.is_factor ? 1 : 0;
  }
  EXPECT_EQ(schema["properties"]["settings"]["properties"].size(), Flags().size());
  EXPECT_EQ(schema["properties"]["factors"]["properties"].size(), factors);
}

}  // namespace
}  // namespace sightline::study
