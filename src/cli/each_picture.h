// Every picture of a source once through a pipeline, for what is not about time.
#pragma once

#include <cstdint>
#include <functional>

#include "src/base/result.h"
#include "src/pipeline/pipeline.h"

namespace sightline::cli {

// As ForEachPicture, but after the last step of the batch: what comes behind is left to `visit`.
Status ForEachInferred(pipeline::Pipeline& pipeline, int64_t count, int batch,
                       const std::function<Status(pipeline::Slot&)>& visit);

// visit(slot) of the first `count` pictures in the order of the source, each after the pipeline's last step;
// the slot is the pipeline's and filled again afterwards. `batch` is at most the pipeline's slots. Ends at
// the first failure, which it returns.
Status ForEachPicture(pipeline::Pipeline& pipeline, int64_t count, int batch,
                      const std::function<Status(const pipeline::Slot&)>& visit);

}  // namespace sightline::cli
