#include "src/cli/each_picture.h"

#include <algorithm>
#include <vector>

namespace sightline::cli {

Status ForEachInferred(pipeline::Pipeline& pipeline, int64_t count, int batch,
                       const std::function<Status(pipeline::Slot&)>& visit) {
  std::vector<pipeline::Slot*> slots;
  for (int64_t done = 0; done < count; done += static_cast<int64_t>(slots.size())) {
    slots.clear();
    const auto together = static_cast<int>(std::min<int64_t>(batch, count - done));
    for (int i = 0; i < together; ++i) {
      slots.push_back(&pipeline.slot(i));
      slots.back()->Clear();
      SIGHTLINE_RETURN_IF_ERROR(pipeline.Prepare(*slots.back()));
    }
    SIGHTLINE_RETURN_IF_ERROR(pipeline.RunBatch(slots));
    for (pipeline::Slot* slot : slots) SIGHTLINE_RETURN_IF_ERROR(visit(*slot));
  }
  return OkStatus();
}

Status ForEachPicture(pipeline::Pipeline& pipeline, int64_t count, int batch,
                      const std::function<Status(const pipeline::Slot&)>& visit) {
  return ForEachInferred(pipeline, count, batch, [&](pipeline::Slot& slot) -> Status {
    SIGHTLINE_RETURN_IF_ERROR(pipeline.Finish(slot));
    return visit(slot);
  });
}

}  // namespace sightline::cli
