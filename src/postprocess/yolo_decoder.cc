#include "src/postprocess/yolo_decoder.h"

#include <fmt/format.h>

#include <algorithm>

#include "src/postprocess/anchors.h"
#include "src/postprocess/kernels.h"
#include "src/postprocess/not_finite.h"
#include "src/postprocess/vector_math.h"

namespace sightline::postprocess {
namespace {

constexpr size_t kObjectness = 4;    // the channel after tx, ty, tw, th
constexpr size_t kBoxAndObject = 5;  // channels before the classes

}  // namespace

YoloDecoder::YoloDecoder(const YoloSpec& spec, ScoreKind kind, float score_threshold, int classes,
                         bool background, PictureSize input)
    : spec_(spec),
      kind_(kind),
      score_threshold_(score_threshold),
      classes_(static_cast<size_t>(classes)),
      first_class_(background ? 1 : 0),
      input_(input),
      places_(static_cast<size_t>(AnchorCount(spec))),
      row_(classes_) {
  size_t cells = 0;
  for (const YoloHead& head : spec.heads)
    cells = std::max(cells, static_cast<size_t>(head.rows) * static_cast<size_t>(head.columns));
  cells_.reserve(cells);
  objectness_.reserve(cells);
  class_limits_.reserve(cells);
}

Error YoloDecoder::Bad(const Planes& planes, size_t cell, size_t channel) const {
  const auto columns = static_cast<size_t>(spec_.heads[planes.head].columns);
  return NotFinite(fmt::format("head {}, anchor {}, row {}, column {}, channel {}", planes.head,
                               planes.anchor, cell / columns, cell % columns, channel));
}

Status YoloDecoder::Run(std::span<const float* const> maps, bool channels_last, CandidateSet& set) {
  set.Clear();
  const size_t channels = kBoxAndObject + classes_;
  for (size_t h = 0; h < spec_.heads.size(); ++h) {
    const YoloHead& head = spec_.heads[h];
    const size_t cells = static_cast<size_t>(head.rows) * static_cast<size_t>(head.columns);
    const size_t channel_step = channels_last ? 1 : cells;
    const size_t cell_step = channels_last ? channels * head.anchors.size() : 1;
    for (size_t a = 0; a < head.anchors.size(); ++a) {
      const Planes planes{.first = maps[h] + a * channels * channel_step,
                          .channel_step = channel_step,
                          .cell_step = cell_step,
                          .cells = cells,
                          .head = h,
                          .anchor = a};
      SIGHTLINE_RETURN_IF_ERROR(RunPlanes(planes, set));
    }
  }
  return OkStatus();
}

Status YoloDecoder::RunPlanes(const Planes& planes, CandidateSet& set) {
  SIGHTLINE_RETURN_IF_ERROR(FindCells(planes));
  if (cells_.empty()) return OkStatus();
  const size_t first_place = set.places();
  SIGHTLINE_RETURN_IF_ERROR(DecodeBoxes(planes, first_place, set));
  const auto first = static_cast<int32_t>(first_place);
  return kind_ == ScoreKind::kSoftmaxLogits ? FindClassesBySoftmax(planes, first, set)
                                            : FindClasses(planes, first, set);
}

// No class's score is above the objectness, so most cells end here.
Status YoloDecoder::FindCells(const Planes& planes) {
  const bool logits = kind_ != ScoreKind::kProbabilities;
  const float limit = logits ? Logit(score_threshold_) : score_threshold_;
  const float* const plane = planes.plane(kObjectness);
  cells_.resize(planes.cells);
  Above found;
  if (planes.cell_step == 1) {
    found = FindAbove(plane, planes.cells, limit, cells_.data());
  } else {
    for (size_t cell = 0; cell < planes.cells; ++cell) {
      const float value = plane[cell * planes.cell_step];
      found.finite = found.finite && IsFiniteBits(value);
      if (value > limit) cells_[found.count++] = static_cast<int32_t>(cell);
    }
  }
  if (!found.finite) {
    size_t cell = 0;
    while (IsFiniteBits(plane[cell * planes.cell_step])) ++cell;
    return Bad(planes, cell, kObjectness);
  }
  cells_.resize(found.count);
  objectness_.resize(found.count);
  for (size_t i = 0; i < found.count; ++i)
    objectness_[i] = plane[static_cast<size_t>(cells_[i]) * planes.cell_step];
  if (logits) SigmoidAll(objectness_.data(), found.count);
  return OkStatus();
}

// Sigmoids are compared before they are taken: in place of the class's share its logit, with a limit that
// depends on the cell's objectness.
Status YoloDecoder::FindClasses(const Planes& planes, int32_t first_place, CandidateSet& set) {
  const bool logits = kind_ == ScoreKind::kSigmoidLogits;
  class_limits_.resize(cells_.size());
  for (size_t i = 0; i < cells_.size(); ++i) {
    const float share = score_threshold_ / objectness_[i];
    class_limits_[i] = logits ? Logit(share) : share;
  }
  const size_t first_candidate = set.scores().size();
  for (size_t c = first_class_; c < classes_; ++c) {
    const float* const plane = planes.plane(kBoxAndObject + c);
    bool finite = true;
    for (size_t i = 0; i < cells_.size(); ++i) {
      const float value = plane[static_cast<size_t>(cells_[i]) * planes.cell_step];
      finite = finite && IsFiniteBits(value);
      if (value > class_limits_[i])
        set.Add(first_place + static_cast<int32_t>(i), static_cast<int32_t>(c), value);
    }
    if (finite) continue;
    for (const int32_t cell : cells_) {
      const auto at = static_cast<size_t>(cell);
      if (!IsFiniteBits(plane[at * planes.cell_step])) return Bad(planes, at, kBoxAndObject + c);
    }
  }
  float* const scores = set.scores().data();
  if (logits) SigmoidAll(scores + first_candidate, set.scores().size() - first_candidate);
  for (size_t i = first_candidate; i < set.scores().size(); ++i)
    scores[i] *= objectness_[static_cast<size_t>(set.candidates()[i].place - first_place)];
  return OkStatus();
}

Status YoloDecoder::FindClassesBySoftmax(const Planes& planes, int32_t first_place, CandidateSet& set) {
  for (size_t i = 0; i < cells_.size(); ++i) {
    const auto cell = static_cast<size_t>(cells_[i]);
    for (size_t c = 0; c < classes_; ++c) row_[c] = planes.plane(kBoxAndObject + c)[cell * planes.cell_step];
    if (!AllFinite(row_.data(), classes_))
      return Bad(planes, cell, kBoxAndObject + FirstNotFinite(row_.data(), classes_));
    const float largest = *std::max_element(row_.begin(), row_.end());
    const float share = objectness_[i] / SumOfExp(row_.data(), classes_, largest);
    for (size_t c = first_class_; c < classes_; ++c) {
      const float score = Exp(row_[c] - largest) * share;
      if (score > score_threshold_)
        set.Add(first_place + static_cast<int32_t>(i), static_cast<int32_t>(c), score);
    }
  }
  return OkStatus();
}

Status YoloDecoder::DecodeBoxes(const Planes& planes, size_t first_place, CandidateSet& set) {
  const YoloHead& head = spec_.heads[planes.head];
  const AnchorShape& anchor = head.anchors[planes.anchor];
  const size_t count = cells_.size();
  set.Resize(first_place + count);
  const BoxArrays boxes = set.boxes(first_place);
  float* const channels[] = {boxes.left, boxes.top, boxes.right, boxes.bottom};
  for (size_t channel = 0; channel < kObjectness; ++channel) {
    const float* const plane = planes.plane(channel);
    for (size_t i = 0; i < count; ++i) {
      const auto cell = static_cast<size_t>(cells_[i]);
      channels[channel][i] = plane[cell * planes.cell_step];
      if (!IsFiniteBits(channels[channel][i])) return Bad(planes, cell, channel);
    }
  }
  SigmoidAll(boxes.left, count);
  SigmoidAll(boxes.top, count);
  const float width = anchor.width / static_cast<float>(input_.width);
  const float height = anchor.height / static_cast<float>(input_.height);
  for (size_t i = 0; i < count; ++i) {
    const int row = cells_[i] / head.columns;
    const int column = cells_[i] % head.columns;
    boxes.left[i] = (boxes.left[i] + static_cast<float>(column)) / static_cast<float>(head.columns);
    boxes.top[i] = (boxes.top[i] + static_cast<float>(row)) / static_cast<float>(head.rows);
    boxes.right[i] = Exp(boxes.right[i]) * width;
    boxes.bottom[i] = Exp(boxes.bottom[i]) * height;
  }
  CornersOf(boxes, count);
  return OkStatus();
}

}  // namespace sightline::postprocess
