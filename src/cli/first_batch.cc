#include "src/cli/first_batch.h"

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "src/analyze/output_facts.h"

namespace sightline::cli {
namespace {

// The first error of postprocessing goes to `results`; the others end it.
Status RunOneBatch(pipeline::Pipeline& pipeline, Status& results) {
  std::vector<pipeline::Slot*> slots;
  slots.reserve(static_cast<size_t>(pipeline.slot_count()));
  for (int i = 0; i < pipeline.slot_count(); ++i) slots.push_back(&pipeline.slot(i));
  for (pipeline::Slot* slot : slots) {
    slot->Clear();
    SIGHTLINE_RETURN_IF_ERROR(pipeline.Prepare(*slot));
  }
  SIGHTLINE_RETURN_IF_ERROR(pipeline.RunBatch(slots));
  for (pipeline::Slot* slot : slots) {
    const Status status = pipeline.Finish(*slot);
    if (results.ok()) results = status;
  }
  return OkStatus();
}

// All values of a frame's outputs that are 32-bit floats.
std::vector<float> ValuesOf(const pipeline::Slot& slot) {
  std::vector<float> values;
  for (const TensorView& output : slot.outputs) {
    if (output.type != SL_F32) continue;
    const float* begin = output.f32();
    values.insert(values.end(), begin, begin + output.shape.elements());
  }
  return values;
}

// By what the network was given: a folder may hold one picture twice, and a film begin with black ones.
using OutputsByInput = std::map<std::string, std::vector<float>>;

void AddOutputs(pipeline::Pipeline& pipeline, OutputsByInput& outputs) {
  constexpr size_t kPictures = 8;  // more would tell no more
  for (int i = 0; i < pipeline.slot_count() && outputs.size() < kPictures; ++i) {
    const pipeline::Slot& slot = pipeline.slot(i);
    outputs.try_emplace(std::string(static_cast<const char*>(slot.input.data), slot.input.bytes()),
                        ValuesOf(slot));
  }
}

}  // namespace

Result<FirstBatch> RunFirstBatch(pipeline::Pipeline& pipeline) {
  FirstBatch batch;
  SIGHTLINE_RETURN_IF_ERROR(RunOneBatch(pipeline, batch.results));
  for (const StageSpan& span : pipeline.slot(0).trace.spans()) {
    if (span.key.stage == StageId::kInfer && span.key.sub_stage == 0)
      batch.infer_ns += span.end_ns - span.begin_ns;
  }
  if (batch.infer_ns > 0) return batch;
  return Error(ErrorKind::kInternal, "the first inference left no stamp");
}

Result<OutputFacts> LookAtFirstOutputs(pipeline::Pipeline& pipeline, int64_t pictures) {
  OutputsByInput by_input;
  AddOutputs(pipeline, by_input);
  if (by_input.size() == 1 && pictures > 1) {
    Status unused;  // the measurement will tell
    SIGHTLINE_RETURN_IF_ERROR(RunOneBatch(pipeline, unused));
    AddOutputs(pipeline, by_input);
  }
  std::vector<std::vector<float>> outputs;
  for (auto& [input, values] : by_input) outputs.push_back(std::move(values));
  return analyze::LookAtOutputs(outputs);
}

}  // namespace sightline::cli
