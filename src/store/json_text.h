// JSON as text, the same way wherever the program writes some.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace sightline::store {

// Indented by two, ends with a newline. JSON is UTF-8, while file names are any bytes: those that are no
// UTF-8 become U+FFFD, so that a folder named in Latin-1 does not cost the result of a run.
std::string JsonText(const nlohmann::ordered_json& json);

}  // namespace sightline::store
