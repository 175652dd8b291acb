// Boxes that a model has decoded and suppressed by itself to candidates (FinishedBoxesSpec).
#pragma once

#include <span>

#include "src/base/result.h"
#include "src/flow/tensor.h"
#include "src/postprocess/candidates.h"

namespace sightline::postprocess {

// Rows of boxes a picture has room for where neither the model nor the description says it: what TF-OD's
// configurations keep (max_total_detections).
constexpr int kUsualBoxes = 100;

class FinishedBoxesDecoder {
 public:
  // `places`: the most rows a picture can have. A candidate's score is above `score_threshold`. `background`:
  // class 0 is none.
  FinishedBoxesDecoder(size_t places, float score_threshold, int classes, bool background)
      : places_(places), score_threshold_(score_threshold), classes_(classes), background_(background) {}

  size_t places() const { return places_; }

  // One picture's boxes, classes, scores and count, batch dimension 1, as FitOutputs took them. Fills `set`,
  // which has room for all, with boxes as fractions of the network's input. Of rows beyond the count nothing
  // is read. Values that are NaN or infinite are kInternal; outputs that disagree with each other or with the
  // description (rows, a count that is none, a class there is not, a score that is no probability, boxes in
  // pixels) are kInvalidArgument.
  Status Run(std::span<const TensorView> outputs, CandidateSet& set) const;

 private:
  Result<size_t> CountOf(const TensorView& count, size_t rows) const;
  Status CheckBox(const float* box, size_t row) const;
  Result<int> ClassOf(const TensorView& classes, size_t row) const;

  size_t places_;
  float score_threshold_;
  int classes_;
  bool background_;
};

}  // namespace sightline::postprocess
