#include "src/postprocess/ssd_decoder.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "src/postprocess/kernels.h"
#include "src/postprocess/not_finite.h"
#include "src/postprocess/vector_math.h"

namespace sightline::postprocess {

SsdDecoder::SsdDecoder(const SsdSpec& spec, ScoreKind kind, float score_threshold, int classes,
                       bool background)
    : spec_(spec),
      kind_(kind),
      score_threshold_(score_threshold),
      logit_threshold_(Logit(score_threshold)),
      classes_(static_cast<size_t>(classes)),
      background_(background),
      anchors_(ExpandAnchors(spec)),
      above_(anchors_.size() * classes_) {
  places_.reserve(anchors_.size());
  for (std::vector<float>* side : {&anchor_x_, &anchor_y_, &anchor_width_, &anchor_height_})
    side->reserve(anchors_.size());
}

Status SsdDecoder::CheckFinite(const float* values, size_t columns, bool finite, const char* what) const {
  if (finite) return OkStatus();
  const size_t bad = FirstNotFinite(values, anchors_.size() * columns);
  return NotFinite(fmt::format("the {} of anchor {}, column {}", what, bad / columns, bad % columns));
}

Status SsdDecoder::Run(const float* boxes, const float* scores, CandidateSet& set) {
  set.Clear();
  places_.clear();
  SIGHTLINE_RETURN_IF_ERROR(CheckFinite(boxes, 4, AllFinite(boxes, anchors_.size() * 4), "box"));
  SIGHTLINE_RETURN_IF_ERROR(kind_ == ScoreKind::kSoftmaxLogits ? FindBySoftmax(scores, set)
                                                               : FindByValue(scores, set));
  DecodeBoxes(boxes, set);
  return OkStatus();
}

// Each score stands by itself, so the whole table is searched in one go; what a sigmoid is to be taken of is
// compared before it is taken.
Status SsdDecoder::FindByValue(const float* scores, CandidateSet& set) {
  const bool logits = kind_ == ScoreKind::kSigmoidLogits;
  const Above found = FindAbove(scores, anchors_.size() * classes_,
                                logits ? logit_threshold_ : score_threshold_, above_.data());
  SIGHTLINE_RETURN_IF_ERROR(CheckFinite(scores, classes_, found.finite, "scores"));
  size_t row_end = 0;  // of the anchor of places_.back()
  for (size_t i = 0; i < found.count; ++i) {
    const auto at = static_cast<size_t>(above_[i]);
    if (at >= row_end) {
      const size_t anchor = at / classes_;
      if (background_ && at == anchor * classes_) continue;
      places_.push_back(static_cast<int32_t>(anchor));
      row_end = (anchor + 1) * classes_;
    }
    const size_t class_index = at + classes_ - row_end;
    set.Add(static_cast<int32_t>(places_.size()) - 1, static_cast<int32_t>(class_index), scores[at]);
  }
  if (logits) SigmoidAll(set.scores().data(), set.scores().size());
  return OkStatus();
}

// A softmax needs exp of the whole row. Of two classes alone, a and b, the share of a is Sigmoid(a - b); the
// others only take from it. So where no class comes within the threshold's logit of the background, none is a
// candidate, which spares most rows of a trained network.
Status SsdDecoder::FindBySoftmax(const float* scores, CandidateSet& set) {
  SIGHTLINE_RETURN_IF_ERROR(
      CheckFinite(scores, classes_, AllFinite(scores, anchors_.size() * classes_), "scores"));
  const size_t first_class = background_ ? 1 : 0;
  for (size_t anchor = 0; anchor < anchors_.size(); ++anchor) {
    const float* const row = scores + anchor * classes_;
    const float best = *std::max_element(row + first_class, row + classes_);
    if (background_ && best - row[0] <= logit_threshold_) continue;
    const float largest = background_ ? std::max(best, row[0]) : best;
    const float sum = SumOfExp(row, classes_, largest);
    if (Exp(best - largest) / sum <= score_threshold_) continue;
    places_.push_back(static_cast<int32_t>(anchor));
    for (size_t c = first_class; c < classes_; ++c) {
      const float score = Exp(row[c] - largest) / sum;
      if (score <= score_threshold_) continue;
      set.Add(static_cast<int32_t>(places_.size()) - 1, static_cast<int32_t>(c), score);
    }
  }
  return OkStatus();
}

void SsdDecoder::DecodeBoxes(const float* boxes, CandidateSet& set) {
  const size_t count = places_.size();
  set.Resize(count);
  for (std::vector<float>* side : {&anchor_x_, &anchor_y_, &anchor_width_, &anchor_height_})
    side->resize(count);
  const BoxArrays out = set.boxes();
  // Where x, y, width and height stand among the four numbers.
  const std::array<size_t, 4> at =
      spec_.order == BoxOrder::kYxhw ? std::array<size_t, 4>{1, 0, 3, 2} : std::array<size_t, 4>{0, 1, 2, 3};
  for (size_t i = 0; i < count; ++i) {
    const auto anchor = static_cast<size_t>(places_[i]);
    const float* const box = boxes + anchor * 4;
    out.left[i] = box[at[0]];
    out.top[i] = box[at[1]];
    out.right[i] = box[at[2]];
    out.bottom[i] = box[at[3]];
    anchor_x_[i] = anchors_[anchor].x;
    anchor_y_[i] = anchors_[anchor].y;
    anchor_width_[i] = anchors_[anchor].width;
    anchor_height_[i] = anchors_[anchor].height;
  }
  DecodeSsd(out, {anchor_x_.data(), anchor_y_.data(), anchor_width_.data(), anchor_height_.data()},
            {spec_.centre_scale, spec_.size_scale}, count);
  CornersOf(out, count);
}

}  // namespace sightline::postprocess
