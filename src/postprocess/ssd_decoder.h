// Outputs of single-shot detectors (Liu et al., ECCV 2016) and their kin to candidates: boxes relative to
// anchors, and a score for each class of each.
#pragma once

#include <cstdint>
#include <vector>

#include "src/base/result.h"
#include "src/flow/detection.h"
#include "src/flow/tensor.h"
#include "src/postprocess/anchors.h"
#include "src/postprocess/candidates.h"
#include "src/postprocess/relative_boxes.h"

namespace sightline::postprocess {

// Not thread-safe; keeps its memory from picture to picture.
class SsdDecoder {
 public:
  // A candidate's score is above `score_threshold`. `background`: class 0 is none.
  SsdDecoder(const SsdSpec& spec, ScoreKind kind, float score_threshold, int classes, bool background);

  size_t places() const { return anchors_.size(); }

  // `boxes` holds places() x 4 values, `scores` places() x classes. Fills `set`, which has room for all, with
  // boxes as fractions of the network's input. Values that are NaN or infinite are kInternal.
  Status Run(const float* boxes, const float* scores, CandidateSet& set);

 private:
  Status CheckFinite(const float* values, size_t columns, bool finite, const char* what) const;
  Status FindByValue(const float* scores, CandidateSet& set);
  Status FindBySoftmax(const float* scores, CandidateSet& set);
  void DecodeBoxes(const float* boxes, CandidateSet& set);

  ScoreKind kind_;
  float score_threshold_;
  float logit_threshold_;
  size_t classes_;
  bool background_;
  std::vector<Anchor> anchors_;
  std::vector<int32_t> above_;   // places in the score table
  std::vector<int32_t> places_;  // anchors that have candidates
  RelativeBoxes relative_;
};

}  // namespace sightline::postprocess
