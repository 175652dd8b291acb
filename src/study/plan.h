// A study plan: what varies, what stays, how often each trial is launched and when enough is measured.
// Written in YAML; schema/plan.schema.json is the contract, carried inside the program, and says of every
// place what to write there.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "src/base/clock.h"
#include "src/base/result.h"

namespace sightline::study {

// What a level is called when it leaves the flag out, so that the framework chooses.
constexpr std::string_view kDefaultLevel = "default";

// Levels are texts as written in the plan: "4", "true", "resnet50_v1".
struct Factor {
  std::string name;
  std::vector<std::string> levels;
};

// Leaves out every combination that has one of the levels of each factor named.
using Exclusion = std::vector<Factor>;

enum class DesignKind {
  kFull,        // every combination
  kRandom,      // `random_trials` of them, drawn without replacement
  kOneAtATime,  // the base, and for each other level of each factor the base with that level
};
struct Design {
  DesignKind kind = DesignKind::kFull;
  int random_trials = 0;
  std::map<std::string, std::string> base;  // kOneAtATime: a level of every factor
};

// Within a launch: measure until the 95 % interval of `quantity` is at most `half_width` of its value to each
// side, but at least `min_duration`.
struct StopRule {
  std::string quantity = "latency_ns_p50";
  double half_width = 0.02;  // of the value, 0..1
  std::optional<Nanoseconds> min_duration;
};

// Process launches of each trial. With max > min, launches end when the interval of `quantity` across
// launches is narrower than `half_width`.
struct Replicates {
  int min = 3;
  int max = 3;
  std::string quantity = "latency_ns_p50";
  double half_width = 0.05;
};

struct PlanLimits {
  Nanoseconds replicate_timeout = std::chrono::minutes(10);
  std::optional<Nanoseconds> total;     // no replicate is begun after it
  std::optional<int64_t> memory_bytes;  // resident, of a replicate's processes together
};

enum class RunOrder { kInterleaved, kAsWritten };

struct Plan {
  std::string name;
  std::string description;
  std::vector<std::pair<std::string, std::string>> settings;  // names of src/study/flags.h, as written
  std::vector<Factor> factors;                                // at least one, each with at least one level
  std::vector<Exclusion> exclude;
  Design design;
  Replicates replicates;
  std::optional<StopRule> stop;
  PlanLimits limits;
  RunOrder order = RunOrder::kInterleaved;
  uint64_t seed = 1;
};

// The most trials a plan may come to, and combinations a random design may draw from.
constexpr int64_t kMostTrials = 100'000;
constexpr int64_t kMostCombinations = 1'000'000;

// Reads and checks a plan. `file_name` is for messages, which read "plan.yaml:12:5: factors.batch[1]: 'four'
// does not fit; write a whole number from 1 to 65536". The first mistake in the text is the one named.
Result<Plan> ParsePlan(const std::string& text, const std::string& file_name);

// schema/plan.schema.json.
std::string_view PlanSchema();

}  // namespace sightline::study
