#include "src/base/clock.h"

#include <gtest/gtest.h>

#include <ctime>
#include <utility>
#include <vector>

namespace sightline {
namespace {

using std::chrono::milliseconds;

int64_t MonotonicNs() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

// Steps through a list of differences, over and over.
class SteppingClock final : public Clock {
 public:
  explicit SteppingClock(std::vector<int> steps) : steps_(std::move(steps)) {}
  TimePoint Now() const override {
    now_ns_ += steps_[reads_++ % steps_.size()];
    return FromNs(now_ns_);
  }

 private:
  const std::vector<int> steps_;
  mutable int64_t now_ns_ = 0;
  mutable size_t reads_ = 0;
};

TEST(Clock, NanosecondsAndMomentsConvertBothWays) {
  EXPECT_EQ(ToNs(FromNs(1'234'567'890'123)), 1'234'567'890'123);
  EXPECT_EQ(FromNs(1'000'000) - FromNs(0), milliseconds(1));
}

TEST(ManualClock, StandsStillUntilAdvanced) {
  ManualClock clock;
  EXPECT_EQ(clock.NowNs(), 0);
  clock.Advance(milliseconds(100));
  EXPECT_EQ(clock.NowNs(), 100'000'000);
  EXPECT_EQ(clock.NowNs(), 100'000'000);
}

// Plugins written in C stamp with clock_gettime.
TEST(SteadyClock, IsTheMonotonicClockOfTheSystem) {
  const int64_t before = MonotonicNs();
  const int64_t now = SteadyClock().NowNs();
  const int64_t after = MonotonicNs();
  EXPECT_LE(before, now);
  EXPECT_LE(now, after);
}

// The first read only begins in each of these.
TEST(MeasureClock, AClockThatIsReadFasterThanItTicksShowsItsTick) {
  // Steps 0 40 0 0 40 0 80: 160 ns in 8 reads.
  const ClockFacts facts = MeasureClock(SteppingClock({0, 0, 40, 0, 0, 40, 0, 80}), 8);
  EXPECT_EQ(facts.resolution_ns, 40);
  EXPECT_EQ(facts.read_cost_ns, 20);
}

TEST(MeasureClock, AClockThatTicksFasterThanItIsReadShowsItsTickInTheStepsDifferences) {
  const ClockFacts facts = MeasureClock(SteppingClock({30, 26, 25, 35, 25}), 8);
  EXPECT_EQ(facts.resolution_ns, 1);
  EXPECT_EQ(facts.read_cost_ns, 26);
}

TEST(MeasureClock, AClockOfEqualStepsTicksAtMostSoCoarsely) {
  EXPECT_EQ(MeasureClock(SteppingClock({25}), 8).resolution_ns, 25);
}

TEST(MeasureClock, AClockThatStandsStillHasNoSteps) {
  const ClockFacts facts = MeasureClock(ManualClock(), 10);
  EXPECT_EQ(facts.read_cost_ns, 0);
  EXPECT_EQ(facts.resolution_ns, 0);
}

TEST(MeasureClock, TheMachinesClockTicks) {
  const ClockFacts facts = MeasureClock(SteadyClock());
  EXPECT_GT(facts.resolution_ns, 0);
  EXPECT_GT(facts.read_cost_ns, 0);
}

}  // namespace
}  // namespace sightline
