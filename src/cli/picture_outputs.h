// What a network said of pictures, kept to be compared.
#pragma once

#include <cstdint>
#include <vector>

#include "src/analyze/detection_agreement.h"
#include "src/base/result.h"
#include "src/flow/task.h"
#include "src/pipeline/pipeline.h"

namespace sightline::cli {

// Of the first `count` pictures of the pipeline's source, in batches of up to `batch`: the outputs of fp32,
// and of a detector what came of them.
Result<std::vector<analyze::PictureOutputs>> OutputsOfPictures(pipeline::Pipeline& pipeline, Task task,
                                                               int64_t count, int batch);

}  // namespace sightline::cli
