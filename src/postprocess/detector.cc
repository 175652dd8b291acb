#include "src/postprocess/detector.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "src/base/check.h"
#include "src/postprocess/candidates.h"
#include "src/postprocess/finished_boxes.h"
#include "src/postprocess/fit_outputs.h"
#include "src/postprocess/nms.h"
#include "src/postprocess/ssd_decoder.h"
#include "src/postprocess/yolo_decoder.h"

namespace sightline::postprocess {
namespace {

using Decoder = std::variant<SsdDecoder, YoloDecoder, FinishedBoxesDecoder>;

// `first`: the first output that is read.
Decoder MakeDecoder(const TaskSpec& task, const DetectionSpec& spec, const TensorInfo& first) {
  if (std::holds_alternative<FinishedBoxesSpec>(spec.decoder)) {
    return FinishedBoxesDecoder(static_cast<size_t>(first.shape[1]), spec.nms.score_threshold, task.classes,
                                task.has_background_class);
  }
  if (const auto* ssd = std::get_if<SsdSpec>(&spec.decoder)) {
    return SsdDecoder(*ssd, spec.score_kind, spec.nms.score_threshold, task.classes,
                      task.has_background_class);
  }
  return YoloDecoder(std::get<YoloSpec>(spec.decoder), spec.score_kind, spec.nms.score_threshold,
                     task.classes, task.has_background_class,
                     {task.preprocess.width, task.preprocess.height});
}

// What is suppressed already goes through the limits alone: no box overlaps another by more than 1.
NmsSpec NmsOf(const DetectionSpec& spec) {
  NmsSpec nms = spec.nms;
  if (!std::holds_alternative<FinishedBoxesSpec>(spec.decoder)) return nms;
  nms.iou_threshold = 1;
  nms.max_candidates_per_class = 0;
  return nms;
}

size_t PlacesOf(const Decoder& decoder) {
  return std::visit([](const auto& d) { return d.places(); }, decoder);
}

}  // namespace

struct Detector::Impl {
  Impl(const TaskSpec& task, const DetectionSpec& spec, std::vector<size_t> outputs_read,
       const TensorInfo& first)
      : read(std::move(outputs_read)),
        decoder(MakeDecoder(task, spec, first)),
        set(PlacesOf(decoder), static_cast<size_t>(task.classes)),
        nms(NmsOf(spec), task.classes, PlacesOf(decoder)),
        most(std::min(static_cast<size_t>(spec.nms.max_total),
                      PlacesOf(decoder) * static_cast<size_t>(task.classes))),
        maps(read.size()),
        views(read.size()) {}

  Status Decode(std::span<const TensorView> outputs) {
    if (const auto* finished = std::get_if<FinishedBoxesDecoder>(&decoder)) {
      for (size_t i = 0; i < read.size(); ++i) views[i] = outputs[read[i]];
      return finished->Run(views, set);
    }
    for (size_t i = 0; i < read.size(); ++i) maps[i] = outputs[read[i]].f32();
    if (auto* ssd = std::get_if<SsdDecoder>(&decoder)) return ssd->Run(maps[0], maps[1], set);
    const bool channels_last = outputs[read[0]].layout == SL_LAYOUT_NHWC;
    return std::get<YoloDecoder>(decoder).Run(maps, channels_last, set);
  }

  std::vector<size_t> read;  // which of the network's outputs the decoder reads
  Decoder decoder;
  CandidateSet set;
  Nms nms;
  size_t most;  // detections there can be
  std::vector<const float*> maps;
  std::vector<TensorView> views;  // of finished boxes
};

Detector::Detector(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Detector::Detector(Detector&& other) noexcept = default;
Detector& Detector::operator=(Detector&& other) noexcept = default;
Detector::~Detector() = default;

Result<Detector> Detector::Create(const TaskSpec& task, std::span<const TensorInfo> outputs) {
  SIGHTLINE_CHECK(task.detection.has_value());
  SIGHTLINE_ASSIGN_OR_RETURN(std::vector<size_t> read, FitOutputs(task, outputs));
  const TensorInfo& first = outputs[read[0]];
  return Detector(std::make_unique<Impl>(task, *task.detection, std::move(read), first));
}

Status Detector::Run(std::span<const TensorView> outputs, const PictureMap& map,
                     std::vector<Detection>& detections) {
  detections.reserve(impl_->most);
  detections.clear();
  SIGHTLINE_RETURN_IF_ERROR(impl_->Decode(outputs));
  impl_->set.MapToPicture(map);
  impl_->nms.Run(impl_->set, detections);
  return OkStatus();
}

std::optional<int32_t> Detector::candidates() const {
  if (std::holds_alternative<FinishedBoxesDecoder>(impl_->decoder)) return std::nullopt;
  return static_cast<int32_t>(impl_->set.candidates().size());
}

}  // namespace sightline::postprocess
