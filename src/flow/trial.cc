#include "src/flow/trial.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace sightline {
namespace {

constexpr std::string_view kScenarioNames[] = {"single-stream", "multi-stream", "offline"};
constexpr const char* kDefault = "default";

// Numbers as people write them: 0.3, 1e-08.
template <typename T>
std::string OrDefault(const std::optional<T>& value) {
  return value ? fmt::format("{}", *value) : kDefault;
}

}  // namespace

std::string_view ScenarioName(Scenario scenario) {
  return kScenarioNames[static_cast<size_t>(scenario)];
}

std::optional<Scenario> ScenarioFromName(std::string_view name) {
  for (size_t i = 0; i < std::size(kScenarioNames); ++i) {
    if (name == kScenarioNames[i]) return static_cast<Scenario>(i);
  }
  return std::nullopt;
}

const std::string* LevelOf(const Factors& factors, std::string_view name) {
  for (const auto& [key, level] : factors) {
    if (key == name) return &level;
  }
  return nullptr;
}

Factors ConfigurationOf(const TrialSpec& trial) {
  Factors factors = {{"model", trial.model},
                     {"backend", trial.backend},
                     {"device", trial.device},
                     {"precision", std::string(DataTypeName(trial.precision))},
                     {"calibration", trial.calibration.empty() ? kDefault : trial.calibration},
                     {"calibration_pictures", std::to_string(trial.calibration_pictures)},
                     {"batch", std::to_string(trial.batch)},
                     {"instances", std::to_string(trial.instances)},
                     {"threads", OrDefault(trial.threads)},
                     {"inter_threads", OrDefault(trial.inter_threads)},
                     {"pin", trial.pin.empty() ? kDefault : fmt::format("{}", fmt::join(trial.pin, ","))},
                     {"input", trial.input},
                     {"jpeg_scaling", trial.jpeg_scaling ? "true" : "false"},
                     {"scenario", std::string(ScenarioName(trial.scenario))},
                     {"frames_per_query", std::to_string(trial.frames_per_query)},
                     {"weight_seed", std::to_string(trial.weight_seed)},
                     {"score_threshold", OrDefault(trial.score_threshold)},
                     {"iou_threshold", OrDefault(trial.iou_threshold)},
                     {"max_detections", OrDefault(trial.max_detections)},
                     {"proposals", OrDefault(trial.proposals)}};
  for (const auto& [key, value] : trial.backend_options) factors.emplace_back("option." + key, value);
  return factors;
}

}  // namespace sightline
