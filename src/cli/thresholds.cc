#include "src/cli/thresholds.h"

#include <fmt/format.h>

#include <cmath>

namespace sightline::cli {
namespace {

// Each is looked at a second time; the most anybody published is 2,000, for training.
constexpr int kMostProposals = 2000;

const char* FirstFlag(const TrialSpec& trial) {
  if (trial.score_threshold) return "--score-threshold";
  if (trial.iou_threshold) return "--iou-threshold";
  if (trial.max_detections) return "--max-detections";
  return trial.proposals ? "--proposals" : nullptr;
}

}  // namespace

Status CheckThresholds(const TrialSpec& trial) {
  const double score = trial.score_threshold.value_or(0);
  if (std::isnan(score) || score < 0 || score >= 1) {
    return Error(ErrorKind::kInvalidArgument,
                 fmt::format("--score-threshold is {}; it must be from 0 to below 1", score));
  }
  const double iou = trial.iou_threshold.value_or(1);
  if (std::isnan(iou) || iou <= 0 || iou > 1) {
    return Error(ErrorKind::kInvalidArgument,
                 fmt::format("--iou-threshold is {}; it must be above 0 and at most 1", iou));
  }
  const int most = trial.max_detections.value_or(1);
  if (most < 1) {
    return Error(ErrorKind::kInvalidArgument,
                 fmt::format("--max-detections is {}; it must be at least 1", most));
  }
  const int proposals = trial.proposals.value_or(1);
  if (proposals < 1 || proposals > kMostProposals) {
    return Error(ErrorKind::kInvalidArgument,
                 fmt::format("--proposals is {}; it must be from 1 to {}", proposals, kMostProposals));
  }
  return OkStatus();
}

Status ApplyThresholds(const TrialSpec& trial, TaskSpec& task) {
  const char* const flag = FirstFlag(trial);
  if (flag == nullptr) return OkStatus();
  if (!task.detection) {
    return Error(ErrorKind::kInvalidArgument,
                 fmt::format("{} is for detection networks, and {} is for {}; leave it out", flag,
                             trial.model, TaskName(task.task)));
  }
  if (trial.iou_threshold && std::holds_alternative<FinishedBoxesSpec>(task.detection->decoder)) {
    return Error(
        ErrorKind::kInvalidArgument,
        fmt::format("--iou-threshold is for boxes that are suppressed here, and {} has suppressed its own; "
                    "leave it out",
                    trial.model));
  }
  NmsSpec& nms = task.detection->nms;
  if (trial.score_threshold) nms.score_threshold = static_cast<float>(*trial.score_threshold);
  if (trial.iou_threshold) nms.iou_threshold = static_cast<float>(*trial.iou_threshold);
  if (trial.max_detections) nms.max_total = *trial.max_detections;
  if (!trial.proposals) return OkStatus();
  auto* const stages = std::get_if<TwoStageSpec>(&task.detection->decoder);
  if (stages == nullptr) {
    return Error(
        ErrorKind::kInvalidArgument,
        fmt::format("--proposals is for detectors of two stages, and {} has one; leave it out", trial.model));
  }
  stages->proposal_nms.max_total = *trial.proposals;
  stages->proposal_nms.max_per_class = *trial.proposals;
  return OkStatus();
}

}  // namespace sightline::cli
