// Raw records as CSV, one line per frame with every stamp; schema/record.schema.json names the columns.
#pragma once

#include <filesystem>
#include <span>
#include <string>

#include "src/base/result.h"
#include "src/flow/record.h"

namespace sightline::store {

// In the order `records` shows them. Columns of stages that no record passed are left out; a cell is empty
// where the record has no such stamp. Stamps are nanoseconds of the monotonic clock of the machine that
// STAGE_clock names. `labels`: names of the classes, empty where none are known.
Status WriteRecordsCsv(const std::filesystem::path& path, const RecordScan& records,
                       std::span<const std::string> labels = {});

}  // namespace sightline::store
