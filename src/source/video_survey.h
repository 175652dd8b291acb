// What a video file holds, found by going through it once without decoding.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>

#include "src/base/result.h"

namespace sightline::source {

// How many coded frames the file has. Containers' own counts are not believed: a truncated file still has the
// count of the whole, and AVI counts frames that repeat the one before and are not there.
//
// A file that ends before the time its header announces, or within a frame, is an error that says where. The
// error is kCancelled once `stop` (may be null) is set. Costs one reading of the file.
Result<int64_t> CountFrames(const std::filesystem::path& path, const std::atomic<bool>* stop);

}  // namespace sightline::source
