// The figures that a run can be stopped by and launches compared by, under the names of results and plans.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sightline {

enum class Quantity : uint8_t { kLatencyMean, kLatencyP50, kLatencyP90, kLatencyP99, kThroughput };
std::string_view QuantityName(Quantity quantity);  // "latency_ns_p50", "throughput_per_s"
std::optional<Quantity> QuantityFromName(std::string_view name);
// "latency_ns_mean, latency_ns_p50, ...": for messages.
std::string QuantityNames();

// Of a percentile of latencies, in per mille, as DurationSummary keys it; nullopt of the others.
std::optional<int> PerMilleOf(Quantity quantity);

}  // namespace sightline
