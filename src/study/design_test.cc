#include "src/study/design.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace sightline::study {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

Plan SmallPlan() {
  Plan plan;
  plan.factors = {{"model", {"a", "b"}}, {"backend", {"opencv", "null"}}, {"batch", {"1", "4", "16"}}};
  return plan;
}

std::vector<PlannedTrial> Trials(const Plan& plan) {
  auto trials = ExpandTrials(plan);
  EXPECT_TRUE(trials.ok());
  return trials.ok() ? *trials : std::vector<PlannedTrial>();
}

// "a opencv 1", ...
std::vector<std::string> Names(const std::vector<PlannedTrial>& trials) {
  std::vector<std::string> names;
  for (const PlannedTrial& trial : trials) {
    std::string name;
    for (const auto& [factor, level] : trial.factors) name += (name.empty() ? "" : " ") + level;
    names.push_back(name);
  }
  return names;
}

TEST(ExpandTrials, FullFactorialWithTheLastFactorFastest) {
  const auto trials = Trials(SmallPlan());
  EXPECT_THAT(Names(trials),
              ElementsAre("a opencv 1", "a opencv 4", "a opencv 16", "a null 1", "a null 4", "a null 16",
                          "b opencv 1", "b opencv 4", "b opencv 16", "b null 1", "b null 4", "b null 16"));
  EXPECT_THAT(trials[1].factors,
              ElementsAre(Pair("model", "a"), Pair("backend", "opencv"), Pair("batch", "4")));
  EXPECT_THAT(trials[1].arguments, ElementsAre("--model=a", "--backend=opencv", "--batch=4"));
}

TEST(ExpandTrials, SettingsOptionsSwitchesAndTheStoppingRuleBecomeArguments) {
  Plan plan;
  plan.settings = {{"input", "--odd name"}, {"option.layout", "nhwc"}, {"warm_up", "1s"}};
  plan.factors = {{"model", {"default"}},
                  {"threads", {"default", "2"}},
                  {"jpeg_scaling", {"false", "true"}},
                  {"option.delay_us", {"5"}}};
  plan.stop =
      StopRule{.quantity = "latency_ns_p90", .half_width = 0.025, .min_duration = std::chrono::seconds(2)};
  const auto trials = Trials(plan);
  ASSERT_EQ(trials.size(), 4);
  EXPECT_THAT(trials[0].arguments,
              ElementsAre("--model=default", "--option=delay_us=5", "--input=--odd name",
                          "--option=layout=nhwc", "--warm-up=1s", "--stop-quantity=latency_ns_p90",
                          "--stop-half-width=2.5%", "--stop-min-duration=2s"));
  EXPECT_THAT(std::vector(trials[3].arguments.begin(), trials[3].arguments.begin() + 4),
              ElementsAre("--model=default", "--threads=2", "--jpeg-scaling", "--option=delay_us=5"));
}

TEST(ExpandTrials, ExclusionsMatchAllOfTheirFactors) {
  Plan plan = SmallPlan();
  plan.exclude = {{{"backend", {"opencv"}}, {"batch", {"4", "16"}}}, {{"model", {"b"}}}};
  EXPECT_THAT(Names(Trials(plan)), ElementsAre("a opencv 1", "a null 1", "a null 4", "a null 16"));
}

TEST(ExpandTrials, OneAtATimeLeavesTheBaseInOneFactorOnly) {
  Plan plan = SmallPlan();
  plan.design = {DesignKind::kOneAtATime, 0, {{"model", "b"}, {"backend", "opencv"}, {"batch", "4"}}};
  EXPECT_THAT(Names(Trials(plan)),
              ElementsAre("b opencv 4", "a opencv 4", "b null 4", "b opencv 1", "b opencv 16"));
}

TEST(ExpandTrials, ARandomSubsetIsTheSameForTheSameSeed) {
  Plan plan = SmallPlan();
  plan.design = {DesignKind::kRandom, 5, {}};
  plan.seed = 3;
  const auto first = Names(Trials(plan));
  EXPECT_EQ(first, Names(Trials(plan)));
  EXPECT_EQ(std::set<std::string>(first.begin(), first.end()).size(), 5) << "drawn without replacement";
  // Pinned: the same on every machine and standard library.
  EXPECT_THAT(first, ElementsAre("a opencv 1", "a opencv 16", "a null 1", "b opencv 1", "b null 1"));
  plan.seed = 4;
  EXPECT_NE(first, Names(Trials(plan)));
}

TEST(ExpandTrials, EveryCombinationIsDrawnAboutEquallyOften) {
  Plan plan = SmallPlan();
  plan.design = {DesignKind::kRandom, 3, {}};
  std::map<std::string, int> drawn;
  constexpr int kSeeds = 4000;
  for (int seed = 0; seed < kSeeds; ++seed) {
    plan.seed = static_cast<uint64_t>(seed);
    for (const std::string& name : Names(Trials(plan))) ++drawn[name];
  }
  ASSERT_EQ(drawn.size(), 12);
  // 3 of 12, so 1000 each; the standard deviation is sqrt(4000 * 0.25 * 0.75) = 27.
  for (const auto& [name, times] : drawn) EXPECT_NEAR(times, 1000, 5 * 27) << name;
}

TEST(ExpandTrials, ARandomSubsetKeepsToWhatIsNotExcluded) {
  Plan plan = SmallPlan();
  plan.exclude = {{{"backend", {"null"}}}};
  plan.design = {DesignKind::kRandom, 6, {}};
  EXPECT_EQ(Trials(plan).size(), 6);
  plan.design.random_trials = 7;
  const auto trials = ExpandTrials(plan);
  ASSERT_FALSE(trials.ok());
  EXPECT_THAT(trials.error().message(),
              HasSubstr("asks for 7 trials, but the factors come to 6 combinations"));
}

TEST(ExpandTrials, BoundsHoldBeforeAnythingIsMade) {
  Plan plan;
  const std::vector<std::string> levels(1000, "x");
  for (const char* name : {"model", "backend", "batch", "threads", "instances", "pin", "input", "device"}) {
    plan.factors.push_back({name, levels});
  }
  const auto trials = ExpandTrials(plan);
  ASSERT_FALSE(trials.ok());
  EXPECT_THAT(trials.error().message(), HasSubstr("more than 100000 combinations"));

  plan.factors.push_back({"option.x", std::vector<std::string>(100'000, "x")});
  for (const Factor& factor : plan.factors) plan.design.base[factor.name] = "x";
  plan.design.kind = DesignKind::kOneAtATime;
  const auto one_at_a_time = ExpandTrials(plan);
  ASSERT_FALSE(one_at_a_time.ok());
  EXPECT_THAT(one_at_a_time.error().message(), HasSubstr("more than 100000 levels together"));
}

}  // namespace
}  // namespace sightline::study
