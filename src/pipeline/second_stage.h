// The second look of a two-stage detector inside a pipeline: the host's work on what the first network gave,
// and a second network where there is one.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <utility>
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

// Of each frame in turn: Propose, Gather, (Infer, once for all frames of a batch,) Refine. Not thread-safe.
class SecondStage {
 public:
  // `second` is there where the task's regions are cropped for a network (RoiCrop::kBilinear), and only
  // there. Fails when a network's tensors do not fit the task, saying which.
  static Result<std::unique_ptr<SecondStage>> Create(const TaskSpec& task, const backend::EngineInfo& first,
                                                     std::optional<SecondNetwork> second, int max_batch);
  virtual ~SecondStage() = default;
  SecondStage(const SecondStage&) = delete;
  SecondStage& operator=(const SecondStage&) = delete;

  // One frame's outputs of the first network to proposals, fractions of the input.
  Status Propose(std::span<const TensorView> outputs, std::vector<Detection>& proposals) {
    return proposer_.Run(outputs, proposals);
  }
  // Takes what belongs to each proposal out of the outputs of the frame at `place` of the batch.
  virtual void Gather(int place, std::span<const TensorView> outputs,
                      std::span<const Detection> proposals) = 0;
  // What was gathered of the first `frames` frames through the second network; nothing where there is none.
  virtual Status Infer(int frames, SlRunReport* report) = 0;
  // Fills `detections` of the frame at `place`.
  Status Refine(int place, std::span<const Detection> proposals, const postprocess::PictureMap& map,
                std::vector<Detection>& detections) {
    return refiner_.Run(RowsOf(place), proposals, map, detections);
  }

  int32_t candidates() const { return refiner_.candidates(); }  // of the last Refine
  virtual void Cancel() = 0;                                    // any thread

 protected:
  SecondStage(postprocess::Proposer proposer, postprocess::Refiner refiner)
      : proposer_(std::move(proposer)), refiner_(std::move(refiner)) {}

 private:
  // Boxes and scores of the frame at `place`, a row for each proposal. Valid until the next call.
  virtual std::span<const TensorView> RowsOf(int place) = 0;

  postprocess::Proposer proposer_;
  postprocess::Refiner refiner_;
};

}  // namespace sightline::pipeline
