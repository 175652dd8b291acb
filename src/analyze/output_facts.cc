#include "src/analyze/output_facts.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace sightline::analyze {
namespace {

// Bit by bit, so that NaN equals itself.
bool SameBits(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

}  // namespace

OutputFacts LookAtOutputs(std::span<const std::vector<float>> outputs) {
  OutputFacts facts{.pictures = static_cast<int>(outputs.size())};
  for (const std::vector<float>& values : outputs) {
    facts.values += static_cast<int64_t>(values.size());
    for (const float value : values) {
      facts.not_finite += std::isfinite(value) ? 0 : 1;
      facts.subnormal += std::fpclassify(value) == FP_SUBNORMAL ? 1 : 0;
    }
  }
  facts.constant = outputs.size() > 1 && facts.values > 0 &&
                   std::all_of(outputs.begin(), outputs.end(),
                               [&](const auto& values) { return SameBits(values, outputs.front()); });
  return facts;
}

}  // namespace sightline::analyze
