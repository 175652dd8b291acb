#include "src/stats/across_launches.h"

#include <algorithm>
#include <cmath>

#include "src/base/check.h"
#include "src/stats/dependence.h"
#include "src/stats/distributions.h"
#include "src/stats/mean.h"

namespace sightline::stats {
namespace {

Moments MomentsOf(std::span<const double> values) {
  Moments moments;
  for (const double value : values) moments.Add(value);
  return moments;
}

std::vector<double> Logarithms(std::span<const double> values) {
  std::vector<double> logarithms;
  logarithms.reserve(values.size());
  for (const double value : values) {
    SIGHTLINE_CHECK(value > 0);
    logarithms.push_back(std::log(value));
  }
  return logarithms;
}

// Of a mean, squared.
double SquaredError(const Moments& moments) {
  return moments.variance() / static_cast<double>(moments.count());
}

double StudentTOf(const Moments& moments) {
  return StudentTQuantile(1 - kTail, static_cast<double>(moments.count() - 1));
}

// Of the sum of two squared errors (Satterthwaite, Biometrics Bulletin 1946; Welch, Biometrika 1947). Between
// the smaller side's own and both together.
double DegreesOfFreedom(const Moments& a, const Moments& b) {
  const double error_a = SquaredError(a);
  const double error_b = SquaredError(b);
  if (error_a + error_b <= 0) return static_cast<double>(a.count() + b.count() - 2);
  return (error_a + error_b) * (error_a + error_b) /
         (error_a * error_a / static_cast<double>(a.count() - 1) +
          error_b * error_b / static_cast<double>(b.count() - 1));
}

// Two-sided, that a difference with this standard error is 0.
double PValue(double difference, double error, double degrees_of_freedom) {
  if (error <= 0) return difference == 0 ? 1 : 0;
  return 2 * StudentTProbability(-std::abs(difference) / error, degrees_of_freedom);
}

RatioEstimate FromLogarithm(double logarithm, double squared_error, double degrees_of_freedom) {
  const double error = std::sqrt(squared_error);
  const double half = StudentTQuantile(1 - kTail, degrees_of_freedom) * error;
  RatioEstimate estimate{
      .ratio = std::exp(logarithm),
      .interval = Interval{.low = std::exp(logarithm - half), .high = std::exp(logarithm + half)},
      .degrees_of_freedom = degrees_of_freedom};
  estimate.p_value = PValue(logarithm, error, degrees_of_freedom);
  return estimate;
}

// What the samples of a launch leave open about its mean, squared.
double OpenWithin(const std::vector<double>& launch, double variance, double inflation) {
  return variance * inflation / static_cast<double>(launch.size());
}

}  // namespace

LaunchesEstimate EstimateAcrossLaunches(std::span<const double> figures) {
  const Moments moments = MomentsOf(figures);
  LaunchesEstimate estimate{.mean = moments.mean(), .stddev = moments.stddev(), .launches = moments.count()};
  if (moments.count() < 2) return estimate;
  const double half = StudentTOf(moments) * std::sqrt(SquaredError(moments));
  estimate.interval = {.low = moments.mean() - half, .high = moments.mean() + half};
  return estimate;
}

std::optional<VarianceComponents> EstimateComponents(std::span<const std::vector<double>> launches) {
  if (launches.size() < 2) return std::nullopt;
  const auto count = static_cast<double>(launches.size());
  VarianceComponents components{.inflation = 0};
  Moments means;
  double open = 0;
  for (const std::vector<double>& launch : launches) {
    if (launch.size() < 2) return std::nullopt;
    const Moments moments = MomentsOf(launch);
    const double inflation = MeasureDependence(launch).inflation;
    means.Add(moments.mean());
    components.within += moments.variance() / count;
    components.inflation += inflation / count;
    open += OpenWithin(launch, moments.variance(), inflation) / count;
  }
  components.mean = means.mean();
  components.launch_means = means.variance();
  components.between = std::max(0.0, means.variance() - open);
  return components;
}

std::optional<int64_t> WorthwhileSamples(const VarianceComponents& components, double launch_cost,
                                         double sample_cost) {
  SIGHTLINE_CHECK(launch_cost > 0 && sample_cost > 0);
  if (components.between <= 0) return std::nullopt;
  const double samples =
      std::sqrt(launch_cost / sample_cost * components.within * components.inflation / components.between);
  return std::max<int64_t>(2, static_cast<int64_t>(std::ceil(samples)));
}

int64_t LaunchesNeeded(const VarianceComponents& components, int64_t samples, double relative, int64_t most) {
  SIGHTLINE_CHECK(samples >= 1 && relative > 0 && most >= 2);
  const double variance =
      components.between + components.within * components.inflation / static_cast<double>(samples);
  const double target = relative * std::abs(components.mean);
  for (int64_t launches = 2; launches < most; ++launches) {
    const auto n = static_cast<double>(launches);
    if (StudentTQuantile(1 - kTail, n - 1) * std::sqrt(variance / n) <= target) return launches;
  }
  return most;
}

// All r with |a - r b| <= t sqrt(ea + r^2 eb), a and b being the means and ea and eb their squared errors: a
// quadratic in r, bounded on both sides as long as b^2 > t^2 eb.
RatioEstimate FiellerRatio(std::span<const double> numerator, std::span<const double> denominator) {
  const Moments a = MomentsOf(numerator);
  const Moments b = MomentsOf(denominator);
  SIGHTLINE_CHECK(b.count() > 0 && b.mean() > 0);
  RatioEstimate estimate{.ratio = a.mean() / b.mean()};
  if (a.count() < 2 || b.count() < 2) return estimate;
  estimate.degrees_of_freedom = DegreesOfFreedom(a, b);
  const double t = StudentTQuantile(1 - kTail, estimate.degrees_of_freedom);
  const double quadratic = b.mean() * b.mean() - t * t * SquaredError(b);
  if (quadratic <= 0) return estimate;
  const double error =
      std::sqrt(SquaredError(a) + SquaredError(b));  // of the difference, 0 when the ratio is 1
  estimate.p_value = PValue(a.mean() - b.mean(), error, estimate.degrees_of_freedom);
  const double constant = a.mean() * a.mean() - t * t * SquaredError(a);
  const double product = a.mean() * b.mean();
  const double root = std::sqrt(std::max(0.0, product * product - quadratic * constant));
  estimate.interval = Interval{.low = (product - root) / quadratic, .high = (product + root) / quadratic};
  return estimate;
}

RatioEstimate LogRatio(std::span<const double> numerator, std::span<const double> denominator) {
  const Moments a = MomentsOf(Logarithms(numerator));
  const Moments b = MomentsOf(Logarithms(denominator));
  if (a.count() < 2 || b.count() < 2) return {.ratio = std::exp(a.mean() - b.mean())};
  return FromLogarithm(a.mean() - b.mean(), SquaredError(a) + SquaredError(b), DegreesOfFreedom(a, b));
}

RatioEstimate PairedLogRatio(std::span<const double> numerator, std::span<const double> denominator) {
  SIGHTLINE_CHECK(numerator.size() == denominator.size());
  std::vector<double> differences = Logarithms(numerator);
  const std::vector<double> below = Logarithms(denominator);
  for (size_t i = 0; i < below.size(); ++i) differences[i] -= below[i];
  const Moments moments = MomentsOf(differences);
  if (moments.count() < 2) return {.ratio = std::exp(moments.mean())};
  return FromLogarithm(moments.mean(), SquaredError(moments), static_cast<double>(moments.count() - 1));
}

}  // namespace sightline::stats
