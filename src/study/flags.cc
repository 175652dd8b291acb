#include "src/study/flags.h"

#include <fmt/format.h>

#include <string_view>
#include <utility>

#include "src/base/check.h"

namespace sightline::study {
namespace {

constexpr FlagSpec kFlags[] = {
    {"model", "--model"},
    {"backend", "--backend"},
    {"device", "--device"},
    {"batch", "--batch"},
    {"instances", "--instances"},
    {"threads", "--threads", true, false, true},
    {"inter_threads", "--inter-threads", true, false, true},
    {"precision", "--precision"},
    {"calibration", "--calibration", true, false, true},
    {"calibration_pictures", "--calibration-pictures"},
    {"scenario", "--scenario"},
    {"frames_per_query", "--frames-per-query"},
    {"pin", "--pin", true, false, true},
    {"input", "--input"},
    {"jpeg_scaling", "--jpeg-scaling", true, true},
    {"weight_seed", "--weight-seed"},
    {"score_threshold", "--score-threshold", true, false, true},
    {"iou_threshold", "--iou-threshold", true, false, true},
    {"max_detections", "--max-detections", true, false, true},
    {"proposals", "--proposals", true, false, true},
    {"duration", "--duration", false},
    {"iterations", "--iterations", false},
    {"warm_up", "--warm-up", false},
};

const FlagSpec* FindFlag(std::string_view name) {
  for (const FlagSpec& flag : kFlags) {
    if (flag.name == name) return &flag;
  }
  return nullptr;
}

// Exactly, in the largest unit that takes a whole number.
std::string ExactDuration(Nanoseconds duration) {
  constexpr std::pair<int64_t, std::string_view> kUnits[] = {
      {1'000'000'000, "s"}, {1'000'000, "ms"}, {1'000, "us"}};
  for (const auto& [ns, unit] : kUnits) {
    if (duration.count() % ns == 0) return fmt::format("{}{}", duration.count() / ns, unit);
  }
  return fmt::format("{}ns", duration.count());
}

}  // namespace

std::span<const FlagSpec> Flags() {
  return kFlags;
}

// FLAG=VALUE in one argument, so that no value is taken for a flag.
std::optional<std::string> ArgumentFor(std::string_view name, const std::string& level) {
  if (name.starts_with(kOptionPrefix)) {
    return fmt::format("--option={}={}", name.substr(kOptionPrefix.size()), level);
  }
  const FlagSpec* flag = FindFlag(name);
  SIGHTLINE_CHECK(flag != nullptr);
  if (level == kDefaultLevel && flag->may_be_default) return std::nullopt;
  if (!flag->is_switch) return fmt::format("{}={}", flag->flag, level);
  return level == "true" ? std::optional<std::string>(flag->flag) : std::nullopt;
}

std::vector<std::string> ArgumentsFor(const StopRule& stop) {
  std::vector<std::string> arguments = {fmt::format("--stop-quantity={}", stop.quantity),
                                        fmt::format("--stop-half-width={:.6g}%", stop.half_width * 100)};
  if (stop.min_duration) {
    arguments.push_back("--stop-min-duration=" + ExactDuration(*stop.min_duration));
  }
  return arguments;
}

std::vector<std::string> ArgumentsFor(const RunLimits& limits) {
  std::vector<std::string> arguments = {"--warm-up=" + ExactDuration(limits.warm_up)};
  if (limits.duration) arguments.push_back("--duration=" + ExactDuration(*limits.duration));
  if (limits.iterations) arguments.push_back(fmt::format("--iterations={}", *limits.iterations));
  if (!limits.stop_when) return arguments;
  const StopGoal& goal = *limits.stop_when;
  const StopRule rule{.quantity = std::string(QuantityName(goal.quantity)),
                      .half_width = goal.half_width,
                      .min_duration = goal.min_duration};
  for (std::string& argument : ArgumentsFor(rule)) arguments.push_back(std::move(argument));
  return arguments;
}

std::vector<std::string> OutputArguments(const std::string& json_file) {
  return {fmt::format("--json={}", json_file), "--quiet"};
}

}  // namespace sightline::study
