#include "src/analyze/roofline.h"

#include <algorithm>
#include <set>

#include "src/base/check.h"

namespace sightline::analyze {
namespace {

// How long `amount` takes at `rate_per_s`.
Range TimeFor(int64_t amount, const Estimate& rate_per_s) {
  const Range rate = RangeOf(rate_per_s);
  const double work = static_cast<double>(amount) * 1e9;
  return {work / rate.value, work / rate.high, work / rate.low};
}

const Estimate& BandwidthFor(int64_t bytes, const Roofs& roofs) {
  for (const BandwidthRoof& roof : roofs.bandwidths) {
    if (bytes <= roof.working_set_bytes) return roof.bytes_per_s;
  }
  return roofs.bandwidths.back().bytes_per_s;
}

Range Sum(const Range& a, const Range& b) {
  return {a.value + b.value, a.low + b.low, a.high + b.high};
}

// The verdict if all figures were just so.
Verdict VerdictAt(double compute_ns, double memory_ns, double time_ns) {
  const double least = std::max(compute_ns, memory_ns);
  if (time_ns > kFar * least) return least < kTinyNs ? Verdict::kOverheadBound : Verdict::kInefficient;
  return compute_ns > memory_ns ? Verdict::kComputeBound : Verdict::kMemoryBound;
}

}  // namespace

Range RangeOf(const Estimate& estimate) {
  return {estimate.value, estimate.low.value_or(estimate.value), estimate.high.value_or(estimate.value)};
}

std::string_view VerdictName(Verdict verdict) {
  switch (verdict) {
    case Verdict::kComputeBound:
      return "compute-bound";
    case Verdict::kMemoryBound:
      return "memory-bound";
    case Verdict::kOverheadBound:
      return "overhead-bound";
    case Verdict::kInefficient:
      return "inefficient";
    case Verdict::kUndecided:
      return "undecided";
    case Verdict::kUnknown:
      break;
  }
  return "unknown";
}

RooflinePoint Judge(const LayerWork& work, const Range& time_ns, const Roofs& roofs,
                    int64_t network_weight_bytes) {
  SIGHTLINE_CHECK(!roofs.bandwidths.empty());
  if (work.macs == 0 && work.bytes() == 0) return {};
  const Range compute = TimeFor(work.macs, roofs.macs_per_s);
  const Range memory = Sum(TimeFor(work.weight_bytes, BandwidthFor(network_weight_bytes, roofs)),
                           TimeFor(work.activation_bytes, BandwidthFor(work.activation_bytes, roofs)));
  // Each of the verdict's conditions is monotone in each figure, so where all corners of the box they lie in
  // agree, so does the whole box.
  std::set<Verdict> possible;
  for (const double c : {compute.low, compute.high}) {
    for (const double m : {memory.low, memory.high}) {
      for (const double t : {time_ns.low, time_ns.high}) possible.insert(VerdictAt(c, m, t));
    }
  }
  return {.verdict = possible.size() == 1 ? *possible.begin() : Verdict::kUndecided,
          .least_ns = std::max(compute.value, memory.value)};
}

}  // namespace sightline::analyze
