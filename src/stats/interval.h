// The confidence every interval of the program is given with.
#pragma once

namespace sightline::stats {

// Two-sided; 2.5 % is left out on each side.
constexpr double kConfidence = 0.95;
constexpr double kTail = (1 - kConfidence) / 2;
constexpr double kNormalQuantile = 1.959963984540054;  // of the standard normal distribution at 1 - kTail

// A confidence interval, both ends included, in the unit of the samples.
struct Interval {
  double low = 0;
  double high = 0;
};

}  // namespace sightline::stats
