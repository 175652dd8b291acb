#include "src/cli/precision_gain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <utility>
#include <vector>

#include "src/base/clock.h"
#include "src/source/source.h"
#include "tests/fakes/scripted_backend.h"

namespace sightline::cli {
namespace {

using sightline::testing::TheScript;
using ::testing::ElementsAre;

// Two pipelines on one clock, which each inference moves on: of the first by 30, of the second by 10, in
// units that grow by one with each round as a machine slows down.
class PrecisionGainTest : public ::testing::Test {
 protected:
  void SetUp() override {
    TheScript().Reset();
    Open(fp32_);
    Open(lower_);
    TheScript().during_run = [this] {
      const bool is_first = TheScript().last_input.load() == fp32_.pipeline->slot(0).input.data;
      order_.push_back(is_first ? 'a' : 'b');
      const auto round = static_cast<int64_t>((order_.size() - 1) / 4);
      clock_.Advance(Nanoseconds((is_first ? 30 : 10) * (round + 1)));
      if (order_.size() == stop_after_) stop_ = true;
    };
  }
  void TearDown() override { TheScript().Reset(); }

  struct Opened {
    std::unique_ptr<source::Source> source;
    std::unique_ptr<pipeline::Pipeline> pipeline;
  };
  void Open(Opened& opened) {
    auto source = source::OpenSource("tests/data/pictures");
    ASSERT_TRUE(source.ok()) << source.error().message();
    opened.source = std::move(source).value();
    auto backend = backend::Backend::FromTable(sightline::testing::ScriptedBackend());
    ASSERT_TRUE(backend.ok());
    auto engine =
        (*backend)->CreateEngine({.name = "scripted", .file = "tests/data/model.scripted"}, {.max_batch = 2});
    ASSERT_TRUE(engine.ok()) << engine.error().message();
    auto instance = (*engine)->CreateInstance();
    ASSERT_TRUE(instance.ok());
    TaskSpec task;
    task.preprocess.width = task.preprocess.height = sightline::testing::kScriptedInputSide;
    task.classes = sightline::testing::kScriptedClasses;
    auto made = pipeline::Pipeline::Create({.task = task, .max_batch = 2}, (*engine)->info(), true,
                                           std::move(instance).value(), opened.source.get(), clock_);
    ASSERT_TRUE(made.ok()) << made.error().message();
    opened.pipeline = std::move(made).value();
  }
  std::optional<PrecisionGain> Measure(int rounds) {
    auto gain = MeasureGain(*fp32_.pipeline, *lower_.pipeline, 2, rounds, stop_);
    EXPECT_TRUE(gain.ok()) << gain.error().message();
    return *gain;
  }

  ManualClock clock_;
  std::atomic<bool> stop_{false};
  size_t stop_after_ = 0;
  std::vector<char> order_;
  Opened fp32_;
  Opened lower_;
};

TEST_F(PrecisionGainTest, IsTheRatioOfInferencesInTurnWhateverTheMachineDoesMeanwhile) {
  const auto gain = Measure(8);
  ASSERT_TRUE(gain);
  EXPECT_NEAR(gain->speedup, 3, 1e-9);
  ASSERT_TRUE(gain->interval);
  EXPECT_NEAR(gain->interval->low, 3, 1e-9);
  EXPECT_NEAR(gain->interval->high, 3, 1e-9);
  EXPECT_EQ(gain->rounds, 8);
  EXPECT_EQ(TheScript().last_batch.load(), 2);
}

TEST_F(PrecisionGainTest, EachIsRunTwiceAndTheyTakeTurnsAtBeingFirst) {
  EXPECT_TRUE(Measure(2));
  EXPECT_THAT(order_, ElementsAre('a', 'a', 'b', 'b', 'b', 'b', 'a', 'a'));
}

TEST_F(PrecisionGainTest, ASingleRoundHasNoIntervalAndNoneHasNoGain) {
  const auto gain = Measure(1);
  ASSERT_TRUE(gain);
  EXPECT_NEAR(gain->speedup, 3, 1e-9);
  EXPECT_FALSE(gain->interval);
  EXPECT_FALSE(Measure(0));
}

TEST_F(PrecisionGainTest, WhatWasMeasuredBeforeAStopCounts) {
  stop_after_ = 10;  // in the third round
  const auto gain = Measure(100);
  ASSERT_TRUE(gain);
  EXPECT_EQ(gain->rounds, 3);
  EXPECT_TRUE(gain->interval);
}

TEST_F(PrecisionGainTest, AFailureIsTold) {
  TheScript().fail_at_run = 5;
  const auto gain = MeasureGain(*fp32_.pipeline, *lower_.pipeline, 2, 4, stop_);
  ASSERT_FALSE(gain.ok());
  EXPECT_THAT(gain.error().message(), ::testing::HasSubstr("scripted failure"));
}

}  // namespace
}  // namespace sightline::cli
