#include "src/pipeline/second_stage.h"

#include "src/base/check.h"
#include "src/pipeline/cropped_stage.h"
#include "src/pipeline/pooled_stage.h"

namespace sightline::pipeline {
namespace {

template <typename Stage>
Result<std::unique_ptr<SecondStage>> AsSecondStage(Result<std::unique_ptr<Stage>> made) {
  if (!made.ok()) return made.error();
  return std::unique_ptr<SecondStage>(std::move(made).value());
}

}  // namespace

Result<std::unique_ptr<SecondStage>> SecondStage::Create(const TaskSpec& task,
                                                         const backend::EngineInfo& first,
                                                         std::optional<SecondNetwork> second, int max_batch) {
  SIGHTLINE_CHECK(task.detection.has_value());
  const auto& spec = std::get<TwoStageSpec>(task.detection->decoder);
  SIGHTLINE_CHECK(second.has_value() == (spec.crop == RoiCrop::kBilinear));
  SIGHTLINE_ASSIGN_OR_RETURN(auto proposer, postprocess::Proposer::Create(task, first.outputs));
  if (!second) return AsSecondStage(PooledStage::Create(task, first.outputs, std::move(proposer)));
  return AsSecondStage(CroppedStage::Create(task, first.outputs[postprocess::kRegions], std::move(proposer),
                                            *std::move(second), max_batch));
}

}  // namespace sightline::pipeline
