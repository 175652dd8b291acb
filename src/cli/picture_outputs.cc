#include "src/cli/picture_outputs.h"

#include "src/cli/each_picture.h"

namespace sightline::cli {
namespace {

analyze::PictureOutputs OutputsOf(const pipeline::Slot& slot) {
  analyze::PictureOutputs outputs{.values = {}, .detections = slot.detections};
  for (const TensorView& output : slot.outputs) {
    if (output.type != SL_F32) continue;
    outputs.values.emplace_back(output.f32(), output.f32() + output.shape.elements());
  }
  return outputs;
}

}  // namespace

Result<std::vector<analyze::PictureOutputs>> OutputsOfPictures(pipeline::Pipeline& pipeline, Task task,
                                                               int64_t count, int batch) {
  std::vector<analyze::PictureOutputs> outputs;
  SIGHTLINE_RETURN_IF_ERROR(ForEachInferred(pipeline, count, batch, [&](pipeline::Slot& slot) {
    // Outputs that can't be read are a verdict of their own: they are compared all the same.
    if (task == Task::kDetection && !pipeline.Finish(slot).ok()) slot.detections.clear();
    outputs.push_back(OutputsOf(slot));
    return OkStatus();
  }));
  return outputs;
}

}  // namespace sightline::cli
