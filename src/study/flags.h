// The one table of what a plan may set and vary, and how `sightline run` is told.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "src/flow/trial.h"
#include "src/study/plan.h"

namespace sightline::study {

struct FlagSpec {
  std::string_view name;        // in a plan: "inter_threads"
  std::string_view flag;        // of `sightline run`: "--inter-threads"
  bool is_factor = true;        // may vary; all may be settings
  bool is_switch = false;       // "true" gives the flag alone, "false" leaves it out
  bool may_be_default = false;  // as a factor, the level "default" leaves it out
};
std::span<const FlagSpec> Flags();

// "option.KEY", a backend's own option, is known beside the table.
constexpr std::string_view kOptionPrefix = "option.";

// The argument that sets `name`, such as "--batch=4" or "--option=layout=nhwc"; absent where the level leaves
// the flag out. `name` must be known (CHECK).
std::optional<std::string> ArgumentFor(std::string_view name, const std::string& level);

// The arguments of a stopping rule within a launch.
std::vector<std::string> ArgumentsFor(const StopRule& stop);

// The arguments that measure within the same limits.
std::vector<std::string> ArgumentsFor(const RunLimits& limits);

// Where a run is told to leave its result (JSON), and to say little meanwhile.
std::vector<std::string> OutputArguments(const std::string& json_file);

}  // namespace sightline::study
