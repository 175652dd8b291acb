#include "src/store/json_text.h"

namespace sightline::store {

std::string JsonText(const nlohmann::ordered_json& json) {
  return json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

void AddEstimate(nlohmann::ordered_json& json, const std::string& name, const Estimate& estimate) {
  json[name] = estimate.value;
  if (estimate.low) json[name + "_low"] = *estimate.low;
  if (estimate.high) json[name + "_high"] = *estimate.high;
}

nlohmann::ordered_json FactorsJson(const std::vector<std::pair<std::string, std::string>>& factors) {
  nlohmann::ordered_json json = nlohmann::ordered_json::object();
  for (const auto& [name, level] : factors) json[name] = level;
  return json;
}

}  // namespace sightline::store
