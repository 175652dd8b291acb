#include "src/stats/comparison.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace sightline::stats {
namespace {

// Rounds whose logarithms of new / old are centre -+ spread in turn.
struct Rounds {
  std::vector<double> before;
  std::vector<double> after;
};

Rounds MakeRounds(size_t rounds, double centre, double spread) {
  Rounds made;
  for (size_t i = 0; i < rounds; ++i) {
    const double machine = 20e6 * (1 + 0.1 * static_cast<double>(i));  // it slows down all the time
    made.before.push_back(machine);
    made.after.push_back(machine * std::exp(centre + (i % 2 == 0 ? -spread : spread)));
  }
  return made;
}

Comparison ComparePaired(const Rounds& rounds, double threshold = 0.01) {
  return Compare(rounds.before, rounds.after, Pairing::kByRound, {.threshold = threshold});
}

// Ten logarithms 0.03 -+ 0.009, five of each: of the 55 means of pairs 15 are 0.021, 25 are 0.03 and 15 are
// 0.039; the ends are the 9th from below and above.
TEST(Compare, HasTheIntervalOfTheHandWorkedExample) {
  const Comparison comparison = ComparePaired(MakeRounds(10, 0.03, 0.009));
  EXPECT_NEAR(comparison.ratio, std::exp(0.03), 1e-12);
  ASSERT_TRUE(comparison.interval);
  EXPECT_NEAR(std::log(comparison.interval->low), 0.021, 1e-9);
  EXPECT_NEAR(std::log(comparison.interval->high), 0.039, 1e-9);
  EXPECT_EQ(comparison.verdict, ChangeVerdict::kSlower);
  EXPECT_LT(comparison.p_value, 1e-5);
}

// Four logarithms 0.03 -+ 0.003: standard error 0.003 / sqrt(3), t(3) = 3.1824.
TEST(Compare, TakesStudentsIntervalOfFewLaunches) {
  const Comparison comparison = ComparePaired(MakeRounds(4, 0.03, 0.003));
  ASSERT_TRUE(comparison.interval);
  EXPECT_NEAR(std::log(comparison.interval->low), 0.03 - 3.1824 * 0.003 / std::sqrt(3), 1e-6);
  EXPECT_NEAR(std::log(comparison.interval->high), 0.03 + 3.1824 * 0.003 / std::sqrt(3), 1e-6);
}

// Half-width 0.01 of 10, i.e. a spread of 0.01 sqrt(10) / t(9) = 0.01398; target log 1.01 = 0.00995: t(n - 1)
// 0.01398 / sqrt(n) is 0.01000 for 10 and 0.00939 for 11.
TEST(Compare, SaysHowManyLaunchesItWouldTake) {
  EXPECT_EQ(ComparePaired(MakeRounds(10, 0, 0.01)).launches_needed, 11);
}

TEST(Compare, OneDisturbedLaunchDoesNotHideASlowdown) {
  Rounds rounds = MakeRounds(12, 0.03, 0.009);
  rounds.before[4] *= 1.5;
  EXPECT_EQ(ComparePaired(rounds).verdict, ChangeVerdict::kSlower);
}

TEST(Compare, SaysFasterTheOtherWayRound) {
  EXPECT_EQ(ComparePaired(MakeRounds(10, -0.03, 0.009)).verdict, ChangeVerdict::kFaster);
}

TEST(Compare, SaysNoChangeOnlyOfANarrowInterval) {
  EXPECT_EQ(ComparePaired(MakeRounds(10, 0, 0.009)).verdict, ChangeVerdict::kNoChange);
  EXPECT_EQ(ComparePaired(MakeRounds(10, 0, 0.03)).verdict, ChangeVerdict::kUndecided);
}

TEST(Compare, TakesWhatIsBelowTheThresholdForNoise) {
  const Rounds rounds = MakeRounds(10, 0.006, 0.003);  // 0.006 +- 0.00226: surely slower, and too little
  EXPECT_EQ(ComparePaired(rounds).verdict, ChangeVerdict::kNoChange);
  EXPECT_EQ(ComparePaired(rounds, 0.005).verdict, ChangeVerdict::kSlower);
  EXPECT_EQ(ComparePaired(rounds, 0.007).verdict, ChangeVerdict::kUndecided);
}

// The machine slows down by 90 % over the rounds: apart that drowns everything, by rounds it cancels.
TEST(Compare, RoundsTakeOutTheDriftOfTheMachine) {
  const Rounds rounds = MakeRounds(10, 0.03, 0.009);
  EXPECT_EQ(ComparePaired(rounds).verdict, ChangeVerdict::kSlower);
  EXPECT_EQ(Compare(rounds.before, rounds.after, Pairing::kNone).verdict, ChangeVerdict::kUndecided);
}

TEST(Compare, TakesSidesOfDifferentSize) {
  const std::vector<double> before{100, 101, 99, 100};
  const std::vector<double> after{110, 111, 109};
  const Comparison comparison = Compare(before, after, Pairing::kNone);
  EXPECT_EQ(comparison.verdict, ChangeVerdict::kSlower);
  EXPECT_NEAR(comparison.ratio, 1.1, 1e-3);
}

TEST(Compare, DecidesNothingFromOneLaunch) {
  const std::vector<double> before{100};
  const std::vector<double> after{200};
  for (const Pairing pairing : {Pairing::kByRound, Pairing::kNone}) {
    const Comparison comparison = Compare(before, after, pairing);
    EXPECT_EQ(comparison.verdict, ChangeVerdict::kUndecided);
    EXPECT_NEAR(comparison.ratio, 2, 1e-12);
    EXPECT_FALSE(comparison.interval);
    EXPECT_EQ(comparison.p_value, 1);
    EXPECT_EQ(comparison.launches_needed, 0);
  }
}

TEST(Compare, TakesFiguresThatAreAllTheSame) {
  const std::vector<double> before(5, 100);
  const std::vector<double> after(5, 102);
  EXPECT_EQ(Compare(before, before, Pairing::kByRound).verdict, ChangeVerdict::kNoChange);
  EXPECT_EQ(Compare(before, after, Pairing::kByRound).verdict, ChangeVerdict::kSlower);
  EXPECT_EQ(Compare(before, after, Pairing::kNone).verdict, ChangeVerdict::kSlower);
}

// Holm, four of them: 0.01 4 <= 0.05 stands, 0.02 3 does not, and nothing after it, 0.03 and 0.04, does.
TEST(CorrectForMany, StepsDownUntilOneDoesNotStand) {
  std::vector<Comparison> many;
  for (const double p : {0.04, 0.01, 0.03, 0.02})
    many.push_back({.verdict = ChangeVerdict::kSlower, .p_value = p});
  CorrectForMany(many);
  EXPECT_EQ(many[0].verdict, ChangeVerdict::kUndecided);
  EXPECT_EQ(many[1].verdict, ChangeVerdict::kSlower);
  EXPECT_EQ(many[2].verdict, ChangeVerdict::kUndecided);
  EXPECT_EQ(many[3].verdict, ChangeVerdict::kUndecided);
}

TEST(CorrectForMany, LeavesOtherVerdictsAlone) {
  std::vector<Comparison> many{{.verdict = ChangeVerdict::kNoChange, .p_value = 0.9},
                               {.verdict = ChangeVerdict::kFaster, .p_value = 0.001}};
  CorrectForMany(many);
  EXPECT_EQ(many[0].verdict, ChangeVerdict::kNoChange);
  EXPECT_EQ(many[1].verdict, ChangeVerdict::kFaster);
  CorrectForMany({});
}

TEST(ChangeVerdict, HasAWord) {
  EXPECT_EQ(ToString(ChangeVerdict::kNoChange), "no change");
}

}  // namespace
}  // namespace sightline::stats
