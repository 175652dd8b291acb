// What a decoder finds in a network's outputs, and suppression takes: boxes, and classes with scores.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "src/postprocess/kernels.h"
#include "src/postprocess/picture_map.h"

namespace sightline::postprocess {

// A box with one class whose score is above the threshold.
struct Candidate {
  int32_t place = 0;  // which box of the set; the lower one comes first where scores are equal
  int32_t class_index = 0;
};

// Of one picture. Has room for the most there can be from the start, so that filling it allocates nothing
// (memory that is never touched is never taken).
class CandidateSet {
 public:
  // `places`: boxes, `classes`: candidates of one box, both at most.
  CandidateSet(size_t places, size_t classes) {
    for (std::vector<float>* side : {&left_, &top_, &right_, &bottom_}) side->reserve(places);
    candidates_.reserve(places * classes);
    scores_.reserve(places * classes);
  }

  void Clear() {
    Resize(0);
    candidates_.clear();
    scores_.clear();
  }

  // Makes room for `places` boxes, those there are included; new ones are unspecified.
  void Resize(size_t places) {
    for (std::vector<float>* side : {&left_, &top_, &right_, &bottom_}) side->resize(places);
  }
  size_t places() const { return left_.size(); }
  // From place `first` on. Valid until the next Resize.
  BoxArrays boxes(size_t first = 0) {
    return {left_.data() + first, top_.data() + first, right_.data() + first, bottom_.data() + first};
  }

  // `score` may be a logit that is turned into a score later.
  void Add(int32_t place, int32_t class_index, float score) {
    candidates_.push_back({place, class_index});
    scores_.push_back(score);
  }
  const std::vector<Candidate>& candidates() const { return candidates_; }
  std::vector<float>& scores() { return scores_; }  // of candidates(), in the same order
  const std::vector<float>& scores() const { return scores_; }

  // Boxes, fractions of the network's input, become fractions of the picture, cut to it. Candidates whose box
  // has nothing left go.
  void MapToPicture(const PictureMap& map);

 private:
  std::vector<float> left_;
  std::vector<float> top_;
  std::vector<float> right_;
  std::vector<float> bottom_;
  std::vector<Candidate> candidates_;
  std::vector<float> scores_;
};

}  // namespace sightline::postprocess
