// JSON as text, the same way wherever the program writes some.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "src/flow/run_result.h"

namespace sightline::store {

// Indented by two, ends with a newline. JSON is UTF-8, while file names are any bytes: those that are no
// UTF-8 become U+FFFD, so that a folder named in Latin-1 does not cost the result of a run.
std::string JsonText(const nlohmann::ordered_json& json);

// NAME, and NAME_low and NAME_high where there is an interval.
void AddEstimate(nlohmann::ordered_json& json, const std::string& name, const Estimate& estimate);

// {"model": "resnet50_v1", "batch": "4"}
nlohmann::ordered_json FactorsJson(const std::vector<std::pair<std::string, std::string>>& factors);

}  // namespace sightline::store
