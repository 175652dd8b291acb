// Output maps of YOLOv2 and v3 (Redmon and Farhadi, 2016 and 2018) to candidates. A candidate's score is that
// there is an object times that it is of the class; kSoftmaxLogits takes the classes' shares of a softmax
// (YOLOv2's region layer), kSigmoidLogits each by itself (v3's yolo layer). "Objectness" is a logit in both.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "src/base/result.h"
#include "src/flow/detection.h"
#include "src/flow/image.h"
#include "src/flow/tensor.h"
#include "src/postprocess/candidates.h"

namespace sightline::postprocess {

// Not thread-safe; keeps its memory from picture to picture.
class YoloDecoder {
 public:
  // A candidate's score is above `score_threshold`. `input`: the network's, whose pixels anchors are in.
  // `background`: class 0 is none.
  YoloDecoder(const YoloSpec& spec, ScoreKind kind, float score_threshold, int classes, bool background,
              PictureSize input);

  size_t places() const { return places_; }

  // One map per head, each of one picture: [channels, rows, columns] or, `channels_last`, [rows, columns,
  // channels]. Fills `set`, which has room for all, with boxes as fractions of the network's input. Values
  // that are NaN or infinite are kInternal, but only those are looked at that can matter: all objectness, and
  // the box and the classes where that is above the threshold.
  Status Run(std::span<const float* const> maps, bool channels_last, CandidateSet& set);

 private:
  // One anchor of one head: a plane of numbers for each of the box, objectness and classes.
  struct Planes {
    const float* first;  // of tx, cell 0
    size_t channel_step;
    size_t cell_step;
    size_t cells;
    size_t head;
    size_t anchor;
    const float* plane(size_t channel) const { return first + channel * channel_step; }
  };

  Status RunPlanes(const Planes& planes, CandidateSet& set);
  Status FindCells(const Planes& planes);
  Status FindClasses(const Planes& planes, int32_t first_place, CandidateSet& set);
  Status FindClassesBySoftmax(const Planes& planes, int32_t first_place, CandidateSet& set);
  Status DecodeBoxes(const Planes& planes, size_t first_place, CandidateSet& set);
  Error Bad(const Planes& planes, size_t cell, size_t channel) const;

  YoloSpec spec_;
  ScoreKind kind_;
  float score_threshold_;
  size_t classes_;
  size_t first_class_;
  PictureSize input_;
  size_t places_ = 0;
  std::vector<int32_t> cells_;       // of one anchor, whose objectness is above the threshold
  std::vector<float> objectness_;    // of cells_, as a share
  std::vector<float> class_limits_;  // of cells_: what a class's value must be above
  std::vector<float> row_;           // the classes of one cell
};

}  // namespace sightline::postprocess
