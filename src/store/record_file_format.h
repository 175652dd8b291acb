// What stands in a record file before and after the chunks; for the files that write and read it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "src/store/record_file.h"

namespace sightline::store {

// The last byte is the format's version.
constexpr std::string_view kRecordFileStart = "sightline rec\n\x1a\x01";
static_assert(kRecordFileStart.size() == 16);
// As long as a chunk's header, so that a reader that looks for one finds the other.
std::string EndMark(const RecordFileTotals& totals);
std::optional<RecordFileTotals> ParseEndMark(std::string_view bytes);

}  // namespace sightline::store
