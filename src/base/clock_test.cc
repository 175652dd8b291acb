#include "src/base/clock.h"

#include <gtest/gtest.h>

#include <ctime>

namespace sightline {
namespace {

using std::chrono::milliseconds;

int64_t MonotonicNs() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

// Steps through a fixed list of differences, over and over.
class SteppingClock final : public Clock {
 public:
  TimePoint Now() const override {
    constexpr int kSteps[] = {30, 0, 40, 50, 10};
    now_ns_ += kSteps[reads_++ % 5];
    return FromNs(now_ns_);
  }

 private:
  mutable int64_t now_ns_ = 0;
  mutable int reads_ = 0;
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

TEST(MeasureClock, GivesMedianAndSmallestOfTheStepsThatDiffer) {
  // The first read only begins; the eight after it see 0 40 50 10 30 0 40 50: without the zeros 10 30 40 40
  // 50 50.
  const ClockFacts facts = MeasureClock(SteppingClock(), 8);
  EXPECT_EQ(facts.read_cost_ns_p50, 40);
  EXPECT_EQ(facts.resolution_ns, 10);
}

TEST(MeasureClock, AClockThatStandsStillHasNoSteps) {
  const ClockFacts facts = MeasureClock(ManualClock(), 10);
  EXPECT_EQ(facts.read_cost_ns_p50, 0);
  EXPECT_EQ(facts.resolution_ns, 0);
}

TEST(MeasureClock, TheMachinesClockTicks) {
  const ClockFacts facts = MeasureClock(SteadyClock());
  EXPECT_GT(facts.resolution_ns, 0);
  EXPECT_GE(facts.read_cost_ns_p50, facts.resolution_ns);
}

}  // namespace
}  // namespace sightline
