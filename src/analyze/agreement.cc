#include "src/analyze/agreement.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "src/base/check.h"

namespace sightline::analyze {
namespace {

constexpr size_t kTop = 5;

double Mean(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

std::vector<double> Softmax(const std::vector<double>& logits) {
  const double largest = *std::max_element(logits.begin(), logits.end());
  std::vector<double> result;
  result.reserve(logits.size());
  for (const double value : logits) result.push_back(std::exp(value - largest));
  const double sum = std::accumulate(result.begin(), result.end(), 0.0);
  for (double& value : result) value /= sum;
  return result;
}

std::vector<size_t> BestClasses(const std::vector<double>& logits) {
  std::vector<size_t> order(logits.size());
  std::iota(order.begin(), order.end(), size_t{0});
  const auto count = static_cast<std::ptrdiff_t>(std::min(kTop, order.size()));
  std::partial_sort(order.begin(), order.begin() + count, order.end(),
                    [&](size_t a, size_t b) { return logits[a] > logits[b]; });
  order.resize(static_cast<size_t>(count));
  return order;
}

// Ranks at which the two name different classes whose reference logits differ by more than `near`.
int CountSwaps(const std::vector<double>& reference, const std::vector<double>& other, double near) {
  const auto a = BestClasses(reference);
  const auto b = BestClasses(other);
  int swaps = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    if (a[i] != b[i] && std::abs(reference[a[i]] - reference[b[i]]) > near) ++swaps;
  }
  return swaps;
}

bool AllFinite(const std::vector<double>& values) {
  return std::all_of(values.begin(), values.end(), [](double v) { return std::isfinite(v); });
}

}  // namespace

bool Agreement::agrees() const {
  return finite && logit_difference_max < kLogitTolerance * logit_range &&
         softmax_difference_max < kSoftmaxTolerance && top5_swaps == 0;
}

void Agreement::Worsen(const Agreement& other) {
  finite = finite && other.finite;
  // The difference is judged against its own picture's range, so the worse pair is kept together.
  if (logit_range == 0 ||
      other.logit_difference_max * logit_range > logit_difference_max * other.logit_range) {
    logit_difference_max = other.logit_difference_max;
    logit_range = other.logit_range;
  }
  logit_deviation =
      logit_deviation == 0 ? other.logit_deviation : std::min(logit_deviation, other.logit_deviation);
  softmax_difference_max = std::max(softmax_difference_max, other.softmax_difference_max);
  softmax_relative_max = std::max(softmax_relative_max, other.softmax_relative_max);
  top5_swaps += other.top5_swaps;
}

std::vector<double> CenteredLogits(std::span<const float> scores, OutputKind kind) {
  std::vector<double> logits(scores.begin(), scores.end());
  if (kind == OutputKind::kProbabilities) {
    for (double& value : logits) value = std::log(value);
  }
  const double mean = Mean(logits);
  for (double& value : logits) value -= mean;
  return logits;
}

Agreement CompareScores(std::span<const float> reference, std::span<const float> other, OutputKind kind) {
  SIGHTLINE_CHECK(!reference.empty() && reference.size() == other.size());
  const std::vector<double> a = CenteredLogits(reference, kind);
  const std::vector<double> b = CenteredLogits(other, kind);
  Agreement agreement;
  if (!AllFinite(a) || !AllFinite(b)) {
    agreement.finite = false;
    agreement.logit_difference_max = std::numeric_limits<double>::infinity();
    agreement.softmax_difference_max = std::numeric_limits<double>::infinity();
    return agreement;
  }
  const auto [smallest, largest] = std::minmax_element(a.begin(), a.end());
  agreement.logit_range = *largest - *smallest;
  const std::vector<double> p = Softmax(a);
  const std::vector<double> q = Softmax(b);
  double sum_of_squares = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    sum_of_squares += a[i] * a[i];
    const double difference = std::abs(p[i] - q[i]);
    agreement.logit_difference_max = std::max(agreement.logit_difference_max, std::abs(a[i] - b[i]));
    agreement.softmax_difference_max = std::max(agreement.softmax_difference_max, difference);
    agreement.softmax_relative_max =
        std::max(agreement.softmax_relative_max, difference / std::max(p[i], q[i]));
  }
  agreement.logit_deviation = std::sqrt(sum_of_squares / static_cast<double>(a.size()));
  agreement.top5_swaps = CountSwaps(a, b, kLogitTolerance * agreement.logit_range);
  return agreement;
}

}  // namespace sightline::analyze
