// Results of runs as JSON, the contract with scripts and with later versions: schema/result.schema.json.
#pragma once

#include <filesystem>
#include <string>

#include "src/base/result.h"
#include "src/flow/run_result.h"

namespace sightline::store {

constexpr int kResultSchemaVersion = 1;

// Indented, fields in a fixed order, ends with a newline. What was not measured is left out.
std::string ResultToJson(const RunResult& result);

// Errors name the place: "r.json: stages.infer: ...".
Result<RunResult> ResultFromJson(const std::string& text, const std::string& name);
Result<RunResult> ReadResult(const std::filesystem::path& path);

// One line per stage and one for "end_to_end", with the configuration in front: for spreadsheets. What was
// not measured is an empty cell.
std::string ResultToCsv(const RunResult& result);

}  // namespace sightline::store
