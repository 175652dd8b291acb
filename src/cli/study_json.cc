#include "src/cli/study_json.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <optional>

#include "src/base/check.h"
#include "src/store/json_text.h"

namespace sightline::cli {
namespace {

using Json = nlohmann::ordered_json;

template <typename T>
void AddKnown(Json& json, const char* name, const std::optional<T>& value) {
  if (value) json[name] = *value;
}

Json ComponentsJson(const analyze::LaunchComponents& c) {
  Json json = {{"launches", c.launches}};
  if (!c.variance) return json;
  json["latency_ns_mean"] = c.variance->mean;
  json["variance_within"] = c.variance->within;
  json["variance_between"] = c.variance->between;
  json["inflation"] = c.variance->inflation;
  AddKnown(json, "share_between", c.between);
  AddKnown(json, "share_within", c.within);
  json["launch_cost_s"] = c.launch_cost_s;
  json["frame_cost_s"] = c.frame_cost_s;
  AddKnown(json, "worthwhile_frames", c.worthwhile_frames);
  return json;
}

Json TrialJson(const analyze::TrialSummary& trial) {
  Json json = {{"factors", store::FactorsJson(trial.factors)},
               {"done", trial.done},
               {"failed", trial.failed},
               {"abandoned", trial.abandoned},
               {"planned", trial.planned}};
  if (trial.latency_ns_p50) store::AddEstimate(json, "latency_ns_p50", *trial.latency_ns_p50);
  if (trial.throughput_per_s) store::AddEstimate(json, "throughput_per_s", *trial.throughput_per_s);
  json["findings"] = trial.findings;
  json["failures"] = Json::array();
  for (const auto& failure : trial.failures) {
    json["failures"].push_back(fmt::format("launch {}: {}", failure.launch, failure.why));
  }
  return json;
}

}  // namespace

std::string StudySummaryToJson(const StudyInfo& study, std::span<const analyze::TrialSummary> trials,
                               std::span<const analyze::LaunchComponents> components) {
  SIGHTLINE_CHECK(components.empty() || components.size() == trials.size());
  Json json = {{"schema", "sightline.study_summary"},
               {"schema_version", 1},
               {"uuid", study.uuid},
               {"name", study.name},
               {"origin", study.origin},
               {"created_at", study.created_at}};
  json["trials"] = Json::array();
  for (size_t i = 0; i < trials.size(); ++i) {
    Json& trial = json["trials"].emplace_back(TrialJson(trials[i]));
    if (!components.empty()) trial["components"] = ComponentsJson(components[i]);
  }
  return store::JsonText(json);
}

}  // namespace sightline::cli
