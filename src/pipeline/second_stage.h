// The second network of a two-stage detector inside a pipeline: its instance, its tensors, and the host's
// work before and after it.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "src/backend/backend.h"
#include "src/base/result.h"
#include "src/flow/detection.h"
#include "src/flow/task.h"
#include "src/flow/tensor.h"
#include "src/postprocess/two_stage.h"

namespace sightline::pipeline {

// What a caller hands over: the second network's engine, as Pipeline::Create takes the first's.
struct SecondNetwork {
  const backend::EngineInfo& engine;
  bool dynamic_batch = false;
  std::unique_ptr<backend::Instance> instance;
};

// Proposals of all frames of a batch are inferred together: frame i's are rows i * P and on, P being how many
// a frame has at most; rows without a proposal are zeros. Not thread-safe.
class SecondStage {
 public:
  // Fails when either network's tensors do not fit the task, saying which.
  static Result<std::unique_ptr<SecondStage>> Create(const TaskSpec& task, const backend::EngineInfo& first,
                                                     SecondNetwork second, int max_batch);

  // One frame's outputs of the first network to proposals, fractions of the input.
  Status Propose(std::span<const TensorView> outputs, std::vector<Detection>& proposals) {
    return proposer_.Run(outputs, proposals);
  }
  // Cuts the proposals of the frame at `place` of the batch out of its features.
  void Crop(int place, std::span<const TensorView> outputs, std::span<const Detection> proposals);
  // The crops of the first `frames` frames.
  Status Infer(int frames, SlRunReport* report);
  // Fills `detections` of the frame at `place` from what was inferred.
  Status Refine(int place, std::span<const Detection> proposals, const postprocess::PictureMap& map,
                std::vector<Detection>& detections);

  int32_t candidates() const { return refiner_.candidates(); }  // of the last Refine
  void Cancel() { instance_->Cancel(); }                        // any thread

 private:
  SecondStage(SecondNetwork second, postprocess::Proposer proposer, postprocess::Refiner refiner,
              int proposals)
      : instance_(std::move(second.instance)),
        dynamic_batch_(second.dynamic_batch),
        proposals_(proposals),
        proposer_(std::move(proposer)),
        refiner_(std::move(refiner)) {}
  Status MakeTensors(const backend::EngineInfo& engine, int max_batch);

  std::unique_ptr<backend::Instance> instance_;
  bool dynamic_batch_;
  int64_t proposals_;
  postprocess::Proposer proposer_;
  postprocess::Refiner refiner_;
  Tensor crops_;
  std::vector<Tensor> outputs_;
  std::vector<TensorView> output_views_;  // of the last Infer
  std::vector<TensorView> frame_views_;   // of one frame
};

}  // namespace sightline::pipeline
