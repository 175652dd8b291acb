// Raw outputs of a detection network to detections: decoding, thresholds, suppression (docs/detection.md).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "src/base/result.h"
#include "src/flow/detection.h"
#include "src/flow/task.h"
#include "src/flow/tensor.h"
#include "src/postprocess/picture_map.h"

namespace sightline::postprocess {

// Not thread-safe; each lane has its own. Memory for the most there can be is taken at creation, so that a
// picture allocates nothing.
class Detector {
 public:
  // `task.detection` is there; `outputs` is what the engine says of the network's, in its order. A
  // description that doesn't fit them (an output that is not there, another number of anchors or classes,
  // another rank or type), or contradicts itself, is kInvalidArgument: one sentence that says which.
  static Result<Detector> Create(const TaskSpec& task, std::span<const TensorInfo> outputs);
  Detector(Detector&& other) noexcept;
  Detector& operator=(Detector&& other) noexcept;
  ~Detector();

  // One picture's outputs, in the order given to Create, batch dimension 1. Fills `detections`, best first;
  // its memory is kept. Values that are NaN or infinite are kInternal, naming the first.
  Status Run(std::span<const TensorView> outputs, const PictureMap& map, std::vector<Detection>& detections);

  // Of the last Run: pairs of a box and a class whose score is above the threshold. Nothing where the model
  // suppresses boxes itself: how many it had before is not known.
  std::optional<int32_t> candidates() const;

 private:
  struct Impl;
  explicit Detector(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace sightline::postprocess
