// Facts of a machine as JSON: the `machine` object of results and of `sightline doctor --json`.
#pragma once

#include <nlohmann/json.hpp>

#include "src/flow/machine.h"

namespace sightline::store {

nlohmann::ordered_json MachineToJson(const MachineFacts& facts);

}  // namespace sightline::store
