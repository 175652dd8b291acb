// Raw records as CSV, one line per frame with every stamp; schema/record.schema.json names the columns.
#pragma once

#include <filesystem>
#include <span>

#include "src/base/result.h"
#include "src/flow/record.h"

namespace sightline::store {

// Lanes one after the other, each in the order of its frames. Columns of stages that no record passed are
// left out; a cell is empty where the record has no such stamp. Stamps are nanoseconds of the machine's
// monotonic clock.
Status WriteRecordsCsv(const std::filesystem::path& path, std::span<const RecordLog> lanes);

}  // namespace sightline::store
