#include "src/flow/quantity.h"

#include <iterator>

namespace sightline {
namespace {

struct Entry {
  std::string_view name;
  int per_mille;  // 0: no percentile
};

// By Quantity.
constexpr Entry kEntries[] = {{"latency_ns_mean", 0},
                              {"latency_ns_p50", 500},
                              {"latency_ns_p90", 900},
                              {"latency_ns_p99", 990},
                              {"throughput_per_s", 0}};

const Entry& EntryOf(Quantity quantity) {
  return kEntries[static_cast<size_t>(quantity)];
}

}  // namespace

std::string_view QuantityName(Quantity quantity) {
  return EntryOf(quantity).name;
}

std::optional<Quantity> QuantityFromName(std::string_view name) {
  for (size_t i = 0; i < std::size(kEntries); ++i) {
    if (kEntries[i].name == name) return static_cast<Quantity>(i);
  }
  return std::nullopt;
}

std::string QuantityNames() {
  std::string names;
  for (const Entry& entry : kEntries) {
    if (!names.empty()) names += ", ";
    names += entry.name;
  }
  return names;
}

std::optional<int> PerMilleOf(Quantity quantity) {
  const int per_mille = EntryOf(quantity).per_mille;
  return per_mille > 0 ? std::optional(per_mille) : std::nullopt;
}

}  // namespace sightline
