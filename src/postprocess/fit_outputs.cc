#include "src/postprocess/fit_outputs.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <utility>

#include "src/base/check.h"
#include "src/postprocess/anchors.h"
#include "src/postprocess/finished_boxes.h"
#include "src/postprocess/misfit.h"

namespace sightline::postprocess {
namespace {

std::string Names(std::span<const TensorInfo> outputs) {
  std::string names;
  for (const TensorInfo& output : outputs) names += (names.empty() ? "'" : ", '") + output.name + "'";
  return names.empty() ? "none" : names;
}

size_t Wanted(const DetectionSpec& spec) {
  if (const auto* yolo = std::get_if<YoloSpec>(&spec.decoder)) return yolo->heads.size();
  return std::holds_alternative<FinishedBoxesSpec>(spec.decoder) ? 4 : 2;
}

const char* WhatIsRead(const DetectionSpec& spec) {
  if (std::holds_alternative<FinishedBoxesSpec>(spec.decoder)) return "boxes, classes, scores, count";
  return std::holds_alternative<YoloSpec>(spec.decoder) ? "one map for each head" : "boxes, then scores";
}

Result<std::vector<size_t>> FindByName(const DetectionSpec& spec, std::span<const TensorInfo> outputs) {
  if (spec.outputs.size() != Wanted(spec)) {
    return Misfit(fmt::format("the description names {} outputs to read and the decoder reads {} ({})",
                              spec.outputs.size(), Wanted(spec), WhatIsRead(spec)));
  }
  std::vector<size_t> found;
  for (const std::string& name : spec.outputs) {
    size_t at = 0;
    while (at < outputs.size() && outputs[at].name != name) ++at;
    if (at == outputs.size()) {
      return Misfit(
          fmt::format("the description reads output '{}', which the model does not have; its "
                      "outputs are {}",
                      name, Names(outputs)));
    }
    found.push_back(at);
  }
  return found;
}

Result<std::vector<size_t>> Find(const DetectionSpec& spec, std::span<const TensorInfo> outputs) {
  if (!spec.outputs.empty()) return FindByName(spec, outputs);
  if (outputs.size() < Wanted(spec)) {
    return Misfit(fmt::format("the decoder reads {} outputs ({}) and the model has {}: {}", Wanted(spec),
                              WhatIsRead(spec), outputs.size(), Names(outputs)));
  }
  std::vector<size_t> first;
  for (size_t i = 0; i < Wanted(spec); ++i) first.push_back(i);
  return first;
}

// "19x19x3 + 10x10x6"
std::string LayersText(const SsdSpec& ssd) {
  std::string text;
  for (const AnchorLayer& layer : ssd.layers) {
    text +=
        fmt::format("{}{}x{}x{}", text.empty() ? "" : " + ", layer.rows, layer.columns, layer.shapes.size());
  }
  return text;
}

// [N, anchors, columns], or TensorFlow's [N, anchors, 1, columns].
Status FitTable(const TensorInfo& output, const SsdSpec& ssd, int columns, const std::string& columns_text) {
  const Shape& shape = output.shape;
  const bool squeezed = shape.rank == 4 && shape[2] == 1;
  if (shape.rank != 3 && !squeezed) {
    return Misfit(
        fmt::format("output '{}' has shape {}; the decoder reads 3 dimensions: batch, {} anchors, {}",
                    output.name, shape.ToString(), AnchorCount(ssd), columns_text));
  }
  if (shape[1] != AnchorCount(ssd)) {
    return Misfit(fmt::format("output '{}' has {} anchors and the description {} ({})", output.name, shape[1],
                              AnchorCount(ssd), LayersText(ssd)));
  }
  if (shape[shape.rank - 1] != columns) {
    return Misfit(fmt::format("output '{}' has {} columns and the description {}", output.name,
                              shape[shape.rank - 1], columns_text));
  }
  return OkStatus();
}

Status FitMap(const TensorInfo& output, const YoloHead& head, int classes) {
  const Shape& shape = output.shape;
  const bool last = output.layout == SL_LAYOUT_NHWC;
  const auto anchors = static_cast<int64_t>(head.anchors.size());
  const int64_t channels = anchors * (5 + classes);
  const bool fits = shape.rank == 4 && shape[last ? 3 : 1] == channels && shape[last ? 1 : 2] == head.rows &&
                    shape[last ? 2 : 3] == head.columns;
  if (fits) return OkStatus();
  return Misfit(
      fmt::format("output '{}' has shape {} and the description makes it {} anchors of 5 numbers "
                  "and {} classes, {} channels of {}x{}",
                  output.name, shape.ToString(), anchors, classes, channels, head.rows, head.columns));
}

Status FitDecoder(const SsdSpec& ssd, const TaskSpec& task, std::span<const TensorInfo* const> read) {
  SIGHTLINE_RETURN_IF_ERROR(FitTable(*read[0], ssd, 4, "4 numbers a box"));
  return FitTable(
      *read[1], ssd, task.classes,
      fmt::format("{} classes{}", task.classes, task.has_background_class ? ", background included" : ""));
}

Status FitDecoder(const YoloSpec& yolo, const TaskSpec& task, std::span<const TensorInfo* const> read) {
  for (size_t i = 0; i < yolo.heads.size(); ++i)
    SIGHTLINE_RETURN_IF_ERROR(FitMap(*read[i], yolo.heads[i], task.classes));
  return OkStatus();
}

// What each output of finished boxes is, in the decoder's order.
struct FinishedOutput {
  const char* dims;  // in words
  int rank;
  bool whole;  // may be whole numbers
};
constexpr std::array<FinishedOutput, 4> kFinishedOutputs = {{{"batch, boxes, 4 numbers a box", 3, false},
                                                             {"batch, a class a box", 2, true},
                                                             {"batch, a score a box", 2, false},
                                                             {"batch", 1, true}}};

// The count may have a dimension of 1 behind the batch.
bool IsOneNumber(const Shape& shape) {
  return shape.rank == 1 || (shape.rank == 2 && shape[1] == 1);
}

Status FitFinished(const TensorInfo& output, size_t role) {
  const FinishedOutput& wanted = kFinishedOutputs[role];
  const bool fits = role == 3 ? IsOneNumber(output.shape) : output.shape.rank == wanted.rank;
  if (!fits) {
    return Misfit(fmt::format(
        "output '{}' has shape {}; the decoder reads {} ({})", output.name, output.shape.ToString(),
        wanted.rank == 1 ? "1 dimension" : fmt::format("{} dimensions", wanted.rank), wanted.dims));
  }
  const bool whole = output.type == SL_I32 || output.type == SL_I64;
  if (output.type == SL_F32 || (wanted.whole && whole)) return OkStatus();
  return Misfit(fmt::format("output '{}' is {}; it is read from fp32{}", output.name,
                            DataTypeName(output.type), wanted.whole ? ", int32 or int64" : ""));
}

Status FitDecoder(const FinishedBoxesSpec& finished, const TaskSpec& /*task*/,
                  std::span<const TensorInfo* const> read) {
  for (size_t role = 0; role < read.size(); ++role) SIGHTLINE_RETURN_IF_ERROR(FitFinished(*read[role], role));
  const int64_t rows = read[0]->shape[1];
  if (read[0]->shape[2] != 4) {
    return Misfit(
        fmt::format("output '{}' has {} columns and a box has 4 numbers", read[0]->name, read[0]->shape[2]));
  }
  for (const size_t role : {size_t{1}, size_t{2}}) {
    if (read[role]->shape[1] == rows) continue;
    return Misfit(fmt::format("output '{}' has {} boxes and output '{}' {}", read[0]->name, rows,
                              read[role]->name, read[role]->shape[1]));
  }
  if (finished.max_boxes == 0 || finished.max_boxes == rows) return OkStatus();
  return Misfit(
      fmt::format("output '{}' has {} boxes and the description max_boxes: {}; correct it or take it out",
                  read[0]->name, rows, finished.max_boxes));
}

// Dimensions of a finished output that are open get what a run can give at most.
void Close(TensorInfo& output, size_t role, int64_t rows) {
  const std::array<int64_t, 3> most =
      role == 3 ? std::array<int64_t, 3>{0, 1, 1} : std::array<int64_t, 3>{0, rows, 4};
  for (int i = 1; i < std::min(output.shape.rank, 3); ++i) {
    if (output.shape[i] == SL_DIM_DYNAMIC) output.shape[i] = most[static_cast<size_t>(i)];
  }
}

Status CheckSpec(const TaskSpec& task, const DetectionSpec& spec) {
  const NmsSpec& nms = spec.nms;
  const int least_classes = task.has_background_class ? 2 : 1;
  if (task.classes < least_classes) {
    return Misfit(fmt::format("the description has {} classes; a detector needs {} or more", task.classes,
                              least_classes));
  }
  const bool finished = std::holds_alternative<FinishedBoxesSpec>(spec.decoder);
  if (!finished && AnchorCount(spec) < 1) return Misfit("the description has no anchors");
  if (std::isnan(nms.score_threshold) || nms.score_threshold < 0 || nms.score_threshold >= 1) {
    return Misfit(
        fmt::format("the score threshold is {}; it must be from 0 to below 1", nms.score_threshold));
  }
  if (std::isnan(nms.iou_threshold) || nms.iou_threshold <= 0 || nms.iou_threshold > 1) {
    return Misfit(
        fmt::format("the IoU threshold is {}; it must be above 0 and at most 1", nms.iou_threshold));
  }
  if (nms.max_total < 1 || nms.max_per_class < 0 || nms.max_candidates_per_class < 0) {
    return Misfit(
        fmt::format("the limits of suppression are {} candidates and {} boxes of a class, {} in "
                    "all; the last must be at least 1, the others 0 (no limit) or more",
                    nms.max_candidates_per_class, nms.max_per_class, nms.max_total));
  }
  return OkStatus();
}

}  // namespace

Result<std::vector<TensorInfo>> WithRoom(const TaskSpec& task, std::span<const TensorInfo> outputs) {
  std::vector<TensorInfo> closed(outputs.begin(), outputs.end());
  if (!task.detection) return closed;
  const DetectionSpec& spec = *task.detection;
  const auto* finished = std::get_if<FinishedBoxesSpec>(&spec.decoder);
  if (finished == nullptr) return closed;
  SIGHTLINE_ASSIGN_OR_RETURN(const std::vector<size_t> read, Find(spec, outputs));
  for (TensorInfo& output : closed) {
    if (output.shape.rank > 0 && output.shape[0] == SL_DIM_DYNAMIC) output.shape[0] = SL_DIM_BATCH;
  }
  // One of the outputs may say what the others leave open.
  int64_t rows = finished->max_boxes > 0 ? finished->max_boxes : kUsualBoxes;
  for (size_t role = 0; role < 3; ++role) {
    const Shape& shape = closed[read[role]].shape;
    if (shape.rank == kFinishedOutputs[role].rank && shape[1] >= 0) rows = shape[1];
  }
  for (size_t role = 0; role < read.size(); ++role) Close(closed[read[role]], role, rows);
  return closed;
}

Result<std::vector<size_t>> FitOutputs(const TaskSpec& task, std::span<const TensorInfo> outputs) {
  SIGHTLINE_CHECK(task.detection.has_value());
  // Two stages are two networks (two_stage.h), of which the first comes here as a detector by itself.
  SIGHTLINE_CHECK(!std::holds_alternative<TwoStageSpec>(task.detection->decoder));
  const DetectionSpec& spec = *task.detection;
  SIGHTLINE_RETURN_IF_ERROR(CheckSpec(task, spec));
  SIGHTLINE_ASSIGN_OR_RETURN(std::vector<size_t> indices, Find(spec, outputs));
  std::vector<const TensorInfo*> read;
  for (const size_t index : indices) {
    const TensorInfo& output = outputs[index];
    const bool finished = std::holds_alternative<FinishedBoxesSpec>(spec.decoder);
    if (output.type != SL_F32 && !finished) {
      return Misfit(fmt::format("output '{}' is {}; detections are read from fp32", output.name,
                                DataTypeName(output.type)));
    }
    read.push_back(&output);
  }
  if (const auto* ssd = std::get_if<SsdSpec>(&spec.decoder)) {
    SIGHTLINE_RETURN_IF_ERROR(FitDecoder(*ssd, task, read));
  } else if (const auto* boxes = std::get_if<FinishedBoxesSpec>(&spec.decoder)) {
    SIGHTLINE_RETURN_IF_ERROR(FitDecoder(*boxes, task, read));
  } else {
    SIGHTLINE_RETURN_IF_ERROR(FitDecoder(std::get<YoloSpec>(spec.decoder), task, read));
  }
  return indices;
}

int ClassesIn(const DetectionSpec& spec, std::span<const TensorInfo> outputs) {
  if (std::holds_alternative<FinishedBoxesSpec>(spec.decoder)) return 0;
  const auto indices = Find(spec, outputs);
  if (!indices.ok()) return 0;
  if (const auto* yolo = std::get_if<YoloSpec>(&spec.decoder)) {
    if (yolo->heads.empty() || yolo->heads[0].anchors.empty()) return 0;
    const TensorInfo& map = outputs[(*indices)[0]];
    if (map.shape.rank != 4) return 0;
    const int64_t channels = map.shape[map.layout == SL_LAYOUT_NHWC ? 3 : 1];
    return static_cast<int>(
        std::max<int64_t>(channels / static_cast<int64_t>(yolo->heads[0].anchors.size()) - 5, 0));
  }
  const Shape& scores = outputs[(*indices)[1]].shape;
  return scores.rank < 3 ? 0 : static_cast<int>(std::max<int64_t>(scores[scores.rank - 1], 0));
}

}  // namespace sightline::postprocess
