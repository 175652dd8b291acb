#include "src/pipeline/pooled_stage.h"

#include <fmt/format.h>

#include <utility>

#include "src/base/check.h"

namespace sightline::pipeline {
namespace {

// What is pooled from a map, as the tensor it fills.
TensorInfo RowsFrom(const TensorInfo& map, int proposals, int numbers) {
  return {map.name, SL_F32, SL_LAYOUT_PLAIN, {proposals, numbers}};
}

}  // namespace

Result<std::unique_ptr<PooledStage>> PooledStage::Create(const TaskSpec& task,
                                                         std::span<const TensorInfo> outputs,
                                                         postprocess::Proposer proposer) {
  using postprocess::PositionSensitivePool;
  SIGHTLINE_CHECK(task.detection.has_value());
  const auto& spec = std::get<TwoStageSpec>(task.detection->decoder);
  const TensorInfo& box_map = outputs[postprocess::kRegions];
  const TensorInfo& score_map = outputs[postprocess::kRegions + 1];
  const int proposals = spec.proposal_nms.max_total;
  const int objects = task.classes - 1;
  const std::array<TensorInfo, 2> rows{RowsFrom(box_map, proposals, objects * 4),
                                       RowsFrom(score_map, proposals, task.classes)};
  SIGHTLINE_ASSIGN_OR_RETURN(auto refiner, postprocess::Refiner::Create(task, rows));
  SIGHTLINE_ASSIGN_OR_RETURN(auto boxes,
                             PositionSensitivePool::Create(spec, box_map, objects * 4,
                                                           fmt::format("4 numbers of {} classes", objects)));
  SIGHTLINE_ASSIGN_OR_RETURN(auto scores, PositionSensitivePool::Create(
                                              spec, score_map, task.classes,
                                              fmt::format("{} classes, background included", task.classes)));
  return std::unique_ptr<PooledStage>(new PooledStage(std::move(proposer), std::move(refiner),
                                                      Pools{std::move(boxes), std::move(scores)}, proposals));
}

PooledStage::PooledStage(postprocess::Proposer proposer, postprocess::Refiner refiner, Pools pools,
                         int proposals)
    : SecondStage(std::move(proposer), std::move(refiner)), pools_(std::move(pools)) {
  for (size_t i = 0; i < pools_.size(); ++i) {
    rows_[i] = Tensor(SL_F32, SL_LAYOUT_PLAIN, {proposals, static_cast<int64_t>(pools_[i].numbers())});
    row_views_[i] = rows_[i].view();
  }
}

void PooledStage::Gather(int /*place*/, std::span<const TensorView> outputs,
                         std::span<const Detection> proposals) {
  for (size_t i = 0; i < pools_.size(); ++i)
    pools_[i].Run(outputs[postprocess::kRegions + i], proposals, row_views_[i].f32());
}

}  // namespace sightline::pipeline
