#include "src/postprocess/nms.h"

#include <algorithm>
#include <bit>

#include "src/postprocess/kernels.h"

namespace sightline::postprocess {
namespace {

constexpr int kLowBits = 32;

// Ascending keys are descending scores, then ascending places. Scores are at least 0, where floats sort as
// their bits do.
uint64_t KeyOf(float score, int32_t low) {
  const uint32_t inverted = ~std::bit_cast<uint32_t>(score);
  return uint64_t{inverted} << kLowBits | static_cast<uint32_t>(low);
}
float ScoreOf(uint64_t key) {
  return std::bit_cast<float>(~static_cast<uint32_t>(key >> kLowBits));
}
int32_t LowOf(uint64_t key) {
  return static_cast<int32_t>(static_cast<uint32_t>(key));
}

// 0: no limit.
size_t AtMost(size_t count, int limit) {
  return limit > 0 ? std::min(count, static_cast<size_t>(limit)) : count;
}

}  // namespace

Nms::Nms(const NmsSpec& spec, int classes, size_t places)
    : spec_(spec),
      classes_(static_cast<size_t>(classes)),
      class_begins_(classes_ + 1),
      class_ends_(classes_) {
  keys_.reserve(places * classes_);
  kept_.reserve(AtMost(places, spec.max_per_class) * classes_);
  for (std::vector<float>* values : {&left_, &top_, &right_, &bottom_, &areas_}) values->reserve(places);
  gone_.reserve(places);
  kept_in_class_.reserve(places);
}

void Nms::GroupByClass(const CandidateSet& set) {
  std::fill(class_ends_.begin(), class_ends_.end(), 0U);
  for (const Candidate& candidate : set.candidates())
    ++class_ends_[static_cast<size_t>(candidate.class_index)];
  uint32_t begin = 0;
  for (size_t c = 0; c < classes_; ++c) {
    class_begins_[c] = begin;
    begin += class_ends_[c];
    class_ends_[c] = class_begins_[c];
  }
  class_begins_[classes_] = begin;
  keys_.resize(begin);
  const std::vector<float>& scores = set.scores();
  for (size_t i = 0; i < scores.size(); ++i) {
    const Candidate& candidate = set.candidates()[i];
    keys_[class_ends_[static_cast<size_t>(candidate.class_index)]++] = KeyOf(scores[i], candidate.place);
  }
}

void Nms::RunClass(int class_index, uint64_t* keys, size_t count, CandidateSet& set) {
  const size_t entering = AtMost(count, spec_.max_candidates_per_class);
  if (entering < count) std::nth_element(keys, keys + entering, keys + count);
  std::sort(keys, keys + entering);
  for (std::vector<float>* values : {&left_, &top_, &right_, &bottom_, &areas_}) values->resize(entering);
  gone_.resize(entering);
  kept_in_class_.resize(entering);
  const BoxArrays all = set.boxes();
  for (size_t i = 0; i < entering; ++i) {
    const int32_t place = LowOf(keys[i]);
    left_[i] = all.left[place];
    top_[i] = all.top[place];
    right_[i] = all.right[place];
    bottom_[i] = all.bottom[place];
  }
  const BoxArrays own{left_.data(), top_.data(), right_.data(), bottom_.data()};
  const size_t kept = KeepBest(own, entering, spec_.iou_threshold, AtMost(entering, spec_.max_per_class),
                               areas_.data(), gone_.data(), kept_in_class_.data());
  for (size_t i = 0; i < kept; ++i) {
    const uint64_t key = keys[kept_in_class_[i]];
    kept_.push_back({KeyOf(ScoreOf(key), class_index), LowOf(key)});
  }
}

void Nms::Run(CandidateSet& set, std::vector<Detection>& detections) {
  GroupByClass(set);
  kept_.clear();
  for (size_t c = 0; c < classes_; ++c) {
    const size_t count = class_begins_[c + 1] - class_begins_[c];
    if (count > 0) RunClass(static_cast<int>(c), keys_.data() + class_begins_[c], count, set);
  }
  const auto better = [](const Kept& a, const Kept& b) {
    return a.order != b.order ? a.order < b.order : a.place < b.place;
  };
  const size_t left_over = AtMost(kept_.size(), spec_.max_total);
  std::partial_sort(kept_.begin(), kept_.begin() + static_cast<std::ptrdiff_t>(left_over), kept_.end(),
                    better);
  detections.clear();
  const BoxArrays all = set.boxes();
  for (size_t i = 0; i < left_over; ++i) {
    const int32_t place = kept_[i].place;
    detections.push_back({.box = {all.left[place], all.top[place], all.right[place], all.bottom[place]},
                          .class_index = LowOf(kept_[i].order),
                          .score = ScoreOf(kept_[i].order)});
  }
}

}  // namespace sightline::postprocess
