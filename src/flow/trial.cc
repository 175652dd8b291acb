#include "src/flow/trial.h"

namespace sightline {
namespace {

constexpr std::string_view kScenarioNames[] = {"single-stream", "multi-stream", "offline"};

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

}  // namespace sightline
