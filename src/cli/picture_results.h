// What the network said of the first few pictures, for people to look at.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "src/base/result.h"
#include "src/flow/record.h"
#include "src/flow/run_result.h"
#include "src/pipeline/pipeline.h"
#include "src/source/source.h"

namespace sightline::cli {

// How many pictures are looked at.
constexpr size_t kPicturesShown = 5;

// The best class of up to five different pictures: those that come first in the source among all recorded
// frames, whatever their phase. `labels`: names of the classes, empty where none are known.
Result<std::vector<PictureResult>> FirstPictures(const RecordScan& records, source::Source& source,
                                                 std::span<const std::string> labels);

// What a detection network found in picture `picture` of the source, which `slot` holds.
PictureResult DetectionsOf(uint64_t picture, const pipeline::Slot& slot, source::Source& source,
                           std::span<const std::string> labels);

}  // namespace sightline::cli
