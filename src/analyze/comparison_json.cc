#include "src/analyze/comparison_json.h"

#include <nlohmann/json.hpp>

#include "src/store/json_text.h"

namespace sightline::analyze {
namespace {

using Json = nlohmann::ordered_json;

Json DifferencesJson(const std::vector<Difference>& differences) {
  Json list = Json::array();
  for (const Difference& difference : differences) {
    Json json = {{"name", difference.name}};
    if (!difference.a.empty()) json["a"] = difference.a;
    if (!difference.b.empty()) json["b"] = difference.b;
    list.push_back(json);
  }
  return list;
}

Json SideJson(const SideFigures& side) {
  Json json = Json::object();
  if (side.estimate) store::AddEstimate(json, "figure", *side.estimate);
  json["figures"] = side.figures;
  json["launches"] = side.launches;
  json["unsupported"] = side.unsupported;
  json["failures"] = side.failures;
  json["findings"] = Json::array();
  for (const FindingCount& finding : side.findings) {
    json["findings"].push_back({{"name", finding.name},
                                {"severity", std::string(SeverityName(finding.severity))},
                                {"launches", finding.launches},
                                {"sentence", finding.sentence}});
  }
  return json;
}

Json TrialJson(const TrialComparison& trial) {
  Json json = {{"factors", store::FactorsJson(trial.factors)},
               {"differences", DifferencesJson(trial.differences)},
               {"a", SideJson(trial.a)},
               {"b", SideJson(trial.b)},
               {"rounds_left_out", trial.rounds_left_out}};
  json["verdict"] = "not compared";
  if (const auto& comparison = trial.comparison) {
    json["ratio"] = comparison->ratio;
    if (comparison->interval) {
      json["ratio_low"] = comparison->interval->low;
      json["ratio_high"] = comparison->interval->high;
      json["p_value"] = comparison->p_value;
      json["launches_needed"] = comparison->launches_needed;
    }
    json["verdict"] = std::string(stats::ToString(comparison->verdict));
  }
  if (!trial.why.empty()) json["why"] = trial.why;
  return json;
}

Json ListOf(const std::vector<Factors>& trials) {
  Json list = Json::array();
  for (const Factors& factors : trials) list.push_back(store::FactorsJson(factors));
  return list;
}

}  // namespace

std::string ComparisonToJson(const SidesComparison& comparison) {
  const bool by_round = comparison.options.pairing == stats::Pairing::kByRound;
  Json json = {{"schema", "sightline.comparison"},
               {"schema_version", kComparisonSchemaVersion},
               {"a", comparison.a},
               {"b", comparison.b},
               {"quantity", std::string(QuantityName(comparison.options.quantity))},
               {"threshold", comparison.options.threshold},
               {"pairing", by_round ? "by_round" : "none"},
               {"correction", comparison.compared() > 1 ? "holm" : "none"},
               {"verdict", std::string(ToString(comparison.overall()))},
               {"differences", DifferencesJson(comparison.differences)}};
  json["trials"] = Json::array();
  for (const TrialComparison& trial : comparison.trials) json["trials"].push_back(TrialJson(trial));
  json["only_a"] = ListOf(comparison.only_a);
  json["only_b"] = ListOf(comparison.only_b);
  json["launches_left"] = comparison.launches_left;
  return store::JsonText(json);
}

}  // namespace sightline::analyze
