// Pictures through a pipeline once more, after the measurement, for people to look at.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "src/base/result.h"
#include "src/flow/record.h"
#include "src/pipeline/pipeline.h"
#include "src/source/source.h"

namespace sightline::cli {

// The pictures of the source that came to a result at least once, whatever the phase; ascending, at most
// `most`, the first ones.
Result<std::vector<uint64_t>> PicturesSeen(const RecordScan& records, size_t most);

// Each of `pictures` of the source by itself through the whole pipeline; `visit` sees its slot. Ends with the
// first error of either. Afterwards the pipeline takes its frames from `source` again.
Status LookAgain(pipeline::Pipeline& pipeline, source::Source& source, std::span<const uint64_t> pictures,
                 const std::function<Status(const pipeline::Slot&)>& visit);

}  // namespace sightline::cli
