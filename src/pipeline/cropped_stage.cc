#include "src/pipeline/cropped_stage.h"

#include <fmt/format.h>

#include <string>
#include <utility>

#include "src/base/check.h"
#include "src/postprocess/roi_crop.h"

namespace sightline::pipeline {
namespace {

Shape WithRows(Shape shape, int64_t rows) {
  if (shape.rank > 0) shape[0] = rows;
  return shape;
}

Status CheckCrops(const backend::EngineInfo& second, const TensorInfo& features, int size) {
  if (second.inputs.size() != 1 || second.inputs[0].shape.rank != 4 || second.inputs[0].type != SL_F32) {
    return Error(ErrorKind::kInvalidArgument, "a second stage takes one input, a batch of fp32 crops");
  }
  const TensorInfo& crops = second.inputs[0];
  const bool channels_last = crops.layout == SL_LAYOUT_NHWC;
  const int64_t channels = crops.shape[channels_last ? 3 : 1];
  if (channels == features.shape[1] && crops.shape[2] == size && crops.shape[channels_last ? 1 : 3] == size) {
    return OkStatus();
  }
  return Error(
      ErrorKind::kInvalidArgument,
      fmt::format("input '{}' of the second stage has shape {}; the task's crops are {}x{} of {} channels",
                  crops.name, crops.shape.ToString(), size, size, features.shape[1]));
}

}  // namespace

Result<std::unique_ptr<CroppedStage>> CroppedStage::Create(const TaskSpec& task, const TensorInfo& features,
                                                           postprocess::Proposer proposer,
                                                           SecondNetwork second, int max_batch) {
  SIGHTLINE_CHECK(task.detection.has_value());
  const auto& spec = std::get<TwoStageSpec>(task.detection->decoder);
  SIGHTLINE_ASSIGN_OR_RETURN(auto refiner, postprocess::Refiner::Create(task, second.engine.outputs));
  SIGHTLINE_RETURN_IF_ERROR(CheckCrops(second.engine, features, spec.crop_size));
  const backend::EngineInfo& engine = second.engine;
  std::unique_ptr<CroppedStage> stage(new CroppedStage(std::move(second), std::move(proposer),
                                                       std::move(refiner), spec.proposal_nms.max_total));
  SIGHTLINE_RETURN_IF_ERROR(stage->MakeTensors(engine, max_batch));
  return stage;
}

Status CroppedStage::MakeTensors(const backend::EngineInfo& engine, int max_batch) {
  const int64_t rows = proposals_ * max_batch;
  const std::string context = fmt::format("memory for {} proposals of {} frames", proposals_, max_batch);
  const TensorInfo& input = engine.inputs[0];
  auto crops = Tensor::Create(input.type, input.layout, WithRows(input.shape, rows));
  if (!crops.ok()) return crops.error().WithContext(context);
  crops_ = std::move(crops).value();
  for (const TensorInfo& output : engine.outputs) {
    auto made = Tensor::Create(output.type, output.layout, WithRows(output.shape, rows));
    if (!made.ok()) return made.error().WithContext(context);
    outputs_.push_back(std::move(made).value());
    output_views_.push_back(outputs_.back().view());
  }
  frame_views_.resize(outputs_.size());
  return OkStatus();
}

void CroppedStage::Gather(int place, std::span<const TensorView> outputs,
                          std::span<const Detection> proposals) {
  postprocess::CropRegions(outputs[postprocess::kRegions], proposals,
                           crops_.view().Slice(place * proposals_, proposals_));
}

Status CroppedStage::Infer(int frames, SlRunReport* report) {
  // A backend with a fixed batch reads all of it.
  const TensorView crops = dynamic_batch_ ? crops_.view().Slice(0, frames * proposals_) : crops_.view();
  for (size_t i = 0; i < outputs_.size(); ++i) {
    output_views_[i] = outputs_[i].view();
    output_views_[i].shape[0] = crops.shape[0];
  }
  return instance_->Run({&crops, 1}, output_views_, report);
}

std::span<const TensorView> CroppedStage::RowsOf(int place) {
  for (size_t i = 0; i < frame_views_.size(); ++i) {
    frame_views_[i] = output_views_[i].Slice(place * proposals_, proposals_);
  }
  return frame_views_;
}

}  // namespace sightline::pipeline
