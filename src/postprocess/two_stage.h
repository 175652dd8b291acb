// The host's part of a two-stage detector (TwoStageSpec): the first network's outputs to proposals, and what
// a second network or the pooling says of each proposal to detections.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "src/base/result.h"
#include "src/flow/detection.h"
#include "src/flow/task.h"
#include "src/flow/tensor.h"
#include "src/postprocess/candidates.h"
#include "src/postprocess/detector.h"
#include "src/postprocess/nms.h"
#include "src/postprocess/relative_boxes.h"

namespace sightline::postprocess {

// Of the first network's outputs, where those begin that the second stage reads: features, or a map of boxes
// and one of scores. Boxes and objectness stand before.
inline constexpr size_t kRegions = 2;

// Not thread-safe.
class Proposer {
 public:
  // `task.detection` is of two stages; `outputs` are the first network's. Fails as Detector::Create, where
  // outputs are missing, and where features to crop are no map. (What is pooled: PositionSensitivePool.)
  static Result<Proposer> Create(const TaskSpec& task, std::span<const TensorInfo> outputs);

  // One picture's outputs, in the order given to Create. Fills `proposals` with boxes as fractions of the
  // network's input, best first, at most the spec's max_total.
  Status Run(std::span<const TensorView> outputs, std::vector<Detection>& proposals) {
    return detector_.Run(outputs, PictureMap{}, proposals);
  }

 private:
  explicit Proposer(Detector detector) : detector_(std::move(detector)) {}

  Detector detector_;
};

// Not thread-safe; keeps its memory from picture to picture.
class Refiner {
 public:
  // `outputs` are the second network's, or what was pooled: boxes, then scores, a row for each proposal.
  // Fails where they don't fit the task.
  static Result<Refiner> Create(const TaskSpec& task, std::span<const TensorInfo> outputs);

  // One picture's rows of the outputs, as many as the spec has proposals at most, and the proposals they are
  // of: rows behind the last proposal are not looked at. Fills `detections`, best first. Values that are NaN
  // or infinite are kInternal.
  Status Run(std::span<const TensorView> outputs, std::span<const Detection> proposals, const PictureMap& map,
             std::vector<Detection>& detections);

  // Of the last Run: pairs of a proposal and a class whose score is above the threshold.
  int32_t candidates() const { return static_cast<int32_t>(set_.candidates().size()); }

 private:
  explicit Refiner(const TaskSpec& task);
  void Find(const float* scores, std::span<const Detection> proposals);
  void DecodeBoxes(const float* boxes, std::span<const Detection> proposals);

  float score_threshold_;
  size_t classes_;
  size_t places_;  // the most candidates there can be: each has a box of its own
  CandidateSet set_;
  Nms nms_;
  std::vector<int32_t> rows_;  // proposals of set_'s places
  RelativeBoxes relative_;
};

}  // namespace sightline::postprocess
