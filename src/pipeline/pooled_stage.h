// R-FCN's second stage: what the first network's maps say of each proposal, pooled on the host.
#pragma once

#include <array>
#include <memory>
#include <span>
#include <vector>

#include "src/pipeline/second_stage.h"
#include "src/postprocess/position_sensitive.h"

namespace sightline::pipeline {

// Has rows for one frame: each is gathered and refined before the next is gathered.
class PooledStage final : public SecondStage {
 public:
  // `outputs` are the first network's. Fails when their maps do not fit the task.
  static Result<std::unique_ptr<PooledStage>> Create(const TaskSpec& task,
                                                     std::span<const TensorInfo> outputs,
                                                     postprocess::Proposer proposer);

  void Gather(int place, std::span<const TensorView> outputs, std::span<const Detection> proposals) override;
  Status Infer(int /*frames*/, SlRunReport* /*report*/) override { return OkStatus(); }
  void Cancel() override {}  // nothing here takes long

 private:
  // Of boxes, then of scores.
  using Pools = std::array<postprocess::PositionSensitivePool, 2>;

  PooledStage(postprocess::Proposer proposer, postprocess::Refiner refiner, Pools pools, int proposals);
  std::span<const TensorView> RowsOf(int /*place*/) override { return row_views_; }

  Pools pools_;
  std::array<Tensor, 2> rows_;  // [proposals, numbers] each
  std::array<TensorView, 2> row_views_;
};

}  // namespace sightline::pipeline
