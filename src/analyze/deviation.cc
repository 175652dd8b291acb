#include "src/analyze/deviation.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "src/analyze/agreement.h"
#include "src/base/check.h"

namespace sightline::analyze {

void Deviation::Add(std::span<const float> reference, std::span<const float> other, OutputKind kind) {
  SIGHTLINE_CHECK(!reference.empty() && reference.size() == other.size());
  const std::vector<double> a = CenteredLogits(reference, kind);
  const std::vector<double> b = CenteredLogits(other, kind);
  ++pictures_;
  for (size_t i = 0; i < a.size(); ++i) Sum(a[i], b[i]);
  const auto best = [](std::span<const float> scores) {
    return std::max_element(scores.begin(), scores.end()) - scores.begin();
  };
  if (best(reference) == best(other)) ++top1_agreements_;
}

void Deviation::AddValues(std::span<const float> reference, std::span<const float> other) {
  SIGHTLINE_CHECK(reference.size() == other.size());
  for (size_t i = 0; i < reference.size(); ++i) Sum(reference[i], other[i]);
}

void Deviation::Sum(double reference, double other) {
  finite_ = finite_ && std::isfinite(reference) && std::isfinite(other);
  signal_ += reference * reference;
  noise_ += (reference - other) * (reference - other);
}

std::optional<double> Deviation::sqnr_db() const {
  if (!finite_ || noise_ == 0 || signal_ == 0) return std::nullopt;
  return 10 * std::log10(signal_ / noise_);
}

}  // namespace sightline::analyze
