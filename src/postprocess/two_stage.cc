#include "src/postprocess/two_stage.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "src/base/check.h"
#include "src/postprocess/kernels.h"
#include "src/postprocess/misfit.h"
#include "src/postprocess/not_finite.h"
#include "src/postprocess/vector_math.h"

namespace sightline::postprocess {
namespace {

const DetectionSpec& DetectionOf(const TaskSpec& task) {
  SIGHTLINE_CHECK(task.detection.has_value());
  return *task.detection;
}

const TwoStageSpec& SpecOf(const TaskSpec& task) {
  return std::get<TwoStageSpec>(DetectionOf(task).decoder);
}

// The first stage is a detector of one class, "something".
TaskSpec ProposalTask(const TaskSpec& task) {
  TaskSpec proposals;
  proposals.task = Task::kDetection;
  proposals.preprocess = task.preprocess;
  proposals.classes = 2;
  proposals.has_background_class = true;
  DetectionSpec detection;
  detection.decoder = SpecOf(task).proposals;
  detection.score_kind = ScoreKind::kSoftmaxLogits;
  detection.nms = SpecOf(task).proposal_nms;
  proposals.detection = std::move(detection);
  return proposals;
}

// The values of each row of an output, whatever dimensions of 1 stand among them.
int64_t RowValues(const TensorInfo& output) {
  int64_t values = 1;
  for (int i = 1; i < output.shape.rank; ++i) values *= output.shape[i];
  return values;
}

Status FitRows(const TensorInfo& output, int64_t values, const std::string& what) {
  if (output.type != SL_F32) {
    return Misfit(fmt::format("output '{}' of the second stage is {}; detections are read from fp32",
                              output.name, DataTypeName(output.type)));
  }
  if (output.shape.rank >= 2 && RowValues(output) == values) return OkStatus();
  return Misfit(fmt::format("output '{}' of the second stage has shape {}; each row must hold {}",
                            output.name, output.shape.ToString(), what));
}

Status FitFeatures(const TensorInfo& features) {
  const bool is_map =
      features.type == SL_F32 && features.shape.rank == 4 && features.layout != SL_LAYOUT_NHWC;
  if (is_map) return OkStatus();
  return Misfit(fmt::format("output '{}' has shape {}; a first stage's features are fp32 maps, [N, C, H, W]",
                            features.name, features.shape.ToString()));
}

}  // namespace

Result<Proposer> Proposer::Create(const TaskSpec& task, std::span<const TensorInfo> outputs) {
  const bool pools = SpecOf(task).crop == RoiCrop::kPositionSensitive;
  const size_t wanted = kRegions + (pools ? 2 : 1);
  if (outputs.size() < wanted) {
    return Misfit(fmt::format("a first stage has {} outputs (boxes, objectness, {}), and the model has {}",
                              wanted, pools ? "a map of boxes, a map of scores" : "features",
                              outputs.size()));
  }
  if (!pools) SIGHTLINE_RETURN_IF_ERROR(FitFeatures(outputs[kRegions]));
  SIGHTLINE_ASSIGN_OR_RETURN(Detector detector, Detector::Create(ProposalTask(task), outputs));
  return Proposer(std::move(detector));
}

Refiner::Refiner(const TaskSpec& task)
    : score_threshold_(DetectionOf(task).nms.score_threshold),
      classes_(static_cast<size_t>(task.classes)),
      places_(static_cast<size_t>(SpecOf(task).proposal_nms.max_total) * (classes_ - 1)),
      set_(places_, 1),
      nms_(DetectionOf(task).nms, task.classes, places_),
      relative_(SpecOf(task).order, {SpecOf(task).centre_scale, SpecOf(task).size_scale}, places_) {
  rows_.reserve(places_);
}

Result<Refiner> Refiner::Create(const TaskSpec& task, std::span<const TensorInfo> outputs) {
  if (task.classes < 2) {
    return Misfit(fmt::format(
        "the description has {} classes; a second stage needs the background and one more", task.classes));
  }
  if (outputs.size() < 2) {
    return Misfit(
        fmt::format("a second stage has 2 outputs (boxes, scores), and the model has {}", outputs.size()));
  }
  const int objects = task.classes - 1;
  SIGHTLINE_RETURN_IF_ERROR(
      FitRows(outputs[0], int64_t{objects} * 4, fmt::format("4 numbers for each of {} classes", objects)));
  SIGHTLINE_RETURN_IF_ERROR(
      FitRows(outputs[1], task.classes, fmt::format("{} classes, background included", task.classes)));
  return Refiner(task);
}

Status Refiner::Run(std::span<const TensorView> outputs, std::span<const Detection> proposals,
                    const PictureMap& map, std::vector<Detection>& detections) {
  const float* const boxes = outputs[0].f32();
  const float* const scores = outputs[1].f32();
  if (!AllFinite(scores, proposals.size() * classes_))
    return NotFiniteInTable(scores, proposals.size(), classes_, "the scores of proposal");
  const size_t box_values = (classes_ - 1) * 4;
  if (!AllFinite(boxes, proposals.size() * box_values))
    return NotFiniteInTable(boxes, proposals.size(), box_values, "the boxes of proposal");
  set_.Clear();
  rows_.clear();
  Find(scores, proposals);
  DecodeBoxes(boxes, proposals);
  set_.MapToPicture(map);
  nms_.Run(set_, detections);
  return OkStatus();
}

// Each pair of proposal and class has a box of its own, so each candidate a place.
void Refiner::Find(const float* scores, std::span<const Detection> proposals) {
  for (size_t row = 0; row < proposals.size(); ++row) {
    const float* const logits = scores + row * classes_;
    const float largest = *std::max_element(logits, logits + classes_);
    const float sum = SumOfExp(logits, classes_, largest);
    for (size_t c = 1; c < classes_; ++c) {
      const float score = Exp(logits[c] - largest) / sum;
      if (score <= score_threshold_) continue;
      set_.Add(static_cast<int32_t>(rows_.size()), static_cast<int32_t>(c), score);
      rows_.push_back(static_cast<int32_t>(row));
    }
  }
}

void Refiner::DecodeBoxes(const float* boxes, std::span<const Detection> proposals) {
  relative_.Begin(set_, rows_.size());
  for (size_t i = 0; i < rows_.size(); ++i) {
    const auto row = static_cast<size_t>(rows_[i]);
    const auto object = static_cast<size_t>(set_.candidates()[i].class_index) - 1;
    const Box& box = proposals[row].box;
    relative_.Put(
        i, boxes + (row * (classes_ - 1) + object) * 4,
        {(box.left + box.right) / 2, (box.top + box.bottom) / 2, box.right - box.left, box.bottom - box.top});
  }
  relative_.Decode();
}

}  // namespace sightline::postprocess
