#include "src/cli/inference_time.h"

#include <cstdint>

namespace sightline::cli {

Result<double> InferAgain(pipeline::Pipeline& pipeline, std::span<pipeline::Slot* const> slots) {
  for (pipeline::Slot* slot : slots) slot->Clear();
  SIGHTLINE_RETURN_IF_ERROR(pipeline.RunBatch(slots));
  int64_t infer_ns = 0;
  for (const StageSpan& span : slots.front()->trace.spans()) {
    if (span.key.stage == StageId::kInfer && span.key.sub_stage == 0) infer_ns += span.end_ns - span.begin_ns;
  }
  return static_cast<double>(infer_ns);
}

}  // namespace sightline::cli
