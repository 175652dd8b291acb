#include "src/postprocess/relative_boxes.h"

namespace sightline::postprocess {

RelativeBoxes::RelativeBoxes(BoxOrder order, SsdScales scales, size_t places)
    : at_(order == BoxOrder::kYxhw ? std::array<size_t, 4>{1, 0, 3, 2} : std::array<size_t, 4>{0, 1, 2, 3}),
      scales_(scales) {
  for (std::vector<float>* side : {&anchor_x_, &anchor_y_, &anchor_width_, &anchor_height_})
    side->reserve(places);
}

void RelativeBoxes::Begin(CandidateSet& set, size_t count) {
  count_ = count;
  set.Resize(count);
  for (std::vector<float>* side : {&anchor_x_, &anchor_y_, &anchor_width_, &anchor_height_})
    side->resize(count);
  out_ = set.boxes();
}

void RelativeBoxes::Put(size_t place, const float* box, const Anchor& anchor) {
  out_.left[place] = box[at_[0]];
  out_.top[place] = box[at_[1]];
  out_.right[place] = box[at_[2]];
  out_.bottom[place] = box[at_[3]];
  anchor_x_[place] = anchor.x;
  anchor_y_[place] = anchor.y;
  anchor_width_[place] = anchor.width;
  anchor_height_[place] = anchor.height;
}

void RelativeBoxes::Decode() {
  DecodeSsd(out_, {anchor_x_.data(), anchor_y_.data(), anchor_width_.data(), anchor_height_.data()}, scales_,
            count_);
  CornersOf(out_, count_);
}

}  // namespace sightline::postprocess
