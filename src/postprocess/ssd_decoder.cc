#include "src/postprocess/ssd_decoder.h"

#include <algorithm>

#include "src/postprocess/kernels.h"
#include "src/postprocess/not_finite.h"
#include "src/postprocess/vector_math.h"

namespace sightline::postprocess {

SsdDecoder::SsdDecoder(const SsdSpec& spec, ScoreKind kind, float score_threshold, int classes,
                       bool background)
    : kind_(kind),
      score_threshold_(score_threshold),
      logit_threshold_(Logit(score_threshold)),
      classes_(static_cast<size_t>(classes)),
      background_(background),
      anchors_(ExpandAnchors(spec)),
      above_(anchors_.size() * classes_),
      relative_(spec.order, {spec.centre_scale, spec.size_scale}, anchors_.size()) {
  places_.reserve(anchors_.size());
}

Status SsdDecoder::CheckFinite(const float* values, size_t columns, bool finite, const char* what) const {
  return finite ? OkStatus() : NotFiniteInTable(values, anchors_.size(), columns, what);
}

Status SsdDecoder::Run(const float* boxes, const float* scores, CandidateSet& set) {
  set.Clear();
  places_.clear();
  SIGHTLINE_RETURN_IF_ERROR(
      CheckFinite(boxes, 4, AllFinite(boxes, anchors_.size() * 4), "the box of anchor"));
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
  SIGHTLINE_RETURN_IF_ERROR(CheckFinite(scores, classes_, found.finite, "the scores of anchor"));
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
      CheckFinite(scores, classes_, AllFinite(scores, anchors_.size() * classes_), "the scores of anchor"));
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
  relative_.Begin(set, places_.size());
  for (size_t i = 0; i < places_.size(); ++i) {
    const auto anchor = static_cast<size_t>(places_[i]);
    relative_.Put(i, boxes + anchor * 4, anchors_[anchor]);
  }
  relative_.Decode();
}

}  // namespace sightline::postprocess
