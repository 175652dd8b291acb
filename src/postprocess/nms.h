// Non-maximum suppression: of boxes that show the same thing, the best.
//
// For each class by itself, as TF-OD, Caffe's SSD and darknet do: candidates are sorted by score, the best
// `max_candidates_per_class` enter, each that overlaps a better one that stayed by more than the threshold
// goes, and at most `max_per_class` stay. Of all classes together the best `max_total` are detections. Of
// equal scores the lower class comes first, then the lower place. Suppression is quadratic in a class's
// candidates at worst.
#pragma once

#include <cstdint>
#include <vector>

#include "src/flow/detection.h"
#include "src/postprocess/candidates.h"

namespace sightline::postprocess {

// Not thread-safe; keeps its memory from picture to picture.
class Nms {
 public:
  // `places`: the most boxes there can be in a set.
  Nms(const NmsSpec& spec, int classes, size_t places);

  // Fills `detections`, best first, replacing what it held.
  void Run(CandidateSet& set, std::vector<Detection>& detections);

 private:
  // Detections before the limit of all classes together.
  struct Kept {
    uint64_t order;  // ascending: best score first, then class
    int32_t place;
  };

  void GroupByClass(const CandidateSet& set);
  // `keys`: of the class's candidates.
  void RunClass(int class_index, uint64_t* keys, size_t count, CandidateSet& set);

  NmsSpec spec_;
  size_t classes_;
  std::vector<uint32_t> class_begins_;  // in keys_; one more than there are classes
  std::vector<uint32_t> class_ends_;    // while grouping
  std::vector<uint64_t> keys_;          // of all candidates, grouped: ascending is best first
  std::vector<float> left_, top_, right_, bottom_, areas_;  // of one class, best first
  std::vector<int32_t> gone_;
  std::vector<int32_t> kept_in_class_;
  std::vector<Kept> kept_;
};

}  // namespace sightline::postprocess
