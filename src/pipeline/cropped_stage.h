// Faster R-CNN's second stage: proposals cut out of the features, and a second network that looks at them.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "src/pipeline/second_stage.h"

namespace sightline::pipeline {

// Proposals of all frames of a batch are inferred together: frame i's are rows i * P and on, P being how many
// a frame has at most; rows without a proposal are zeros.
class CroppedStage final : public SecondStage {
 public:
  // `features` are the first network's. Fails when they or the second network do not fit the task.
  static Result<std::unique_ptr<CroppedStage>> Create(const TaskSpec& task, const TensorInfo& features,
                                                      postprocess::Proposer proposer, SecondNetwork second,
                                                      int max_batch);

  // Cuts the proposals out of the features.
  void Gather(int place, std::span<const TensorView> outputs, std::span<const Detection> proposals) override;
  Status Infer(int frames, SlRunReport* report) override;
  void Cancel() override { instance_->Cancel(); }

 private:
  CroppedStage(SecondNetwork second, postprocess::Proposer proposer, postprocess::Refiner refiner,
               int proposals)
      : SecondStage(std::move(proposer), std::move(refiner)),
        instance_(std::move(second.instance)),
        dynamic_batch_(second.dynamic_batch),
        proposals_(proposals) {}
  Status MakeTensors(const backend::EngineInfo& engine, int max_batch);
  std::span<const TensorView> RowsOf(int place) override;

  std::unique_ptr<backend::Instance> instance_;
  bool dynamic_batch_;
  int64_t proposals_;
  Tensor crops_;
  std::vector<Tensor> outputs_;
  std::vector<TensorView> output_views_;  // of the last Infer
  std::vector<TensorView> frame_views_;   // of one frame
};

}  // namespace sightline::pipeline
