#include "src/pipeline/pipeline.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "src/pipeline/picture_map.h"
#include "src/postprocess/fit_outputs.h"
#include "src/postprocess/topk.h"

namespace sightline::pipeline {

// A step is a stage with the member that does it: a per-frame one, or a per-batch one.
struct Pipeline::Step {
  StageKey key;
  Granularity granularity = Granularity::kFrame;
  Status (Pipeline::*run_frame)(Slot&) = nullptr;
  Status (Pipeline::*run_batch)(std::span<Slot* const>) = nullptr;
  bool (*skip)(const Slot&) = nullptr;  // a frame that needs no such step gets no stamps for it
};

namespace {

bool IsDecoded(const Slot& slot) {
  return slot.frame.encoded.empty();
}

// An error says whose output is not usable.
Status Named(const Slot& slot, const Status& status) {
  if (status.ok() || slot.frame.name.empty()) return status;
  return status.error().WithContext(slot.frame.name);
}

void KeepDetections(Slot& slot, std::optional<int32_t> candidates) {
  slot.record.candidates_before_nms = candidates;
  slot.record.candidates_after_nms = static_cast<int32_t>(slot.detections.size());
  if (slot.detections.empty()) return;
  slot.record.top_class = slot.detections[0].class_index;
  slot.record.top_score = slot.detections[0].score;
}

// nullptr: it is no detection in two stages.
const TwoStageSpec* TwoStagesOf(const TaskSpec& task) {
  return task.detection ? std::get_if<TwoStageSpec>(&task.detection->decoder) : nullptr;
}

// A tensor whose first dimension is the batch, with room for max_batch.
Shape WithBatch(const Shape& shape, int max_batch) {
  Shape result = shape;
  if (result.rank > 0) result[0] = max_batch;
  return result;
}

Status CheckInputs(const backend::EngineInfo& engine) {
  if (engine.inputs.size() != 1) {
    return Error(ErrorKind::kUnsupported, "the model has " + std::to_string(engine.inputs.size()) +
                                              " inputs; only models with one picture input can be measured");
  }
  const TensorInfo& input = engine.inputs[0];
  if (input.shape.rank != 4 || input.layout == SL_LAYOUT_PLAIN) {
    return Error(ErrorKind::kUnsupported, "input '" + input.name + "' has shape " + input.shape.ToString() +
                                              ", which is not a batch of pictures (NCHW or NHWC)");
  }
  return OkStatus();
}

bool IsOpen(const TensorInfo& output) {
  const auto* const end = output.shape.dims.begin() + output.shape.rank;
  return std::find(output.shape.dims.begin(), end, SL_DIM_DYNAMIC) != end;
}

Status CheckOutputs(std::span<const TensorInfo> outputs) {
  if (outputs.empty()) return Error(ErrorKind::kUnsupported, "the model has no output");
  for (const TensorInfo& output : outputs) {
    if (output.shape.rank < 1) {
      return Error(ErrorKind::kUnsupported, "output '" + output.name +
                                                "' is a single number; a result for each picture of a batch "
                                                "is needed (1 dimension or more)");
    }
    if (!IsOpen(output)) continue;
    return Error(
        ErrorKind::kUnsupported,
        "output '" + output.name + "' has the open shape " + output.shape.ToString() +
            ", which the data decides; of such models those can be measured that give finished boxes "
            "(finished_boxes in a description)");
  }
  return OkStatus();
}

Status CheckScores(const backend::EngineInfo& engine) {
  if (engine.outputs[0].type != SL_F32) {
    return Error(ErrorKind::kUnsupported, "output '" + engine.outputs[0].name + "' is " +
                                              std::string(DataTypeName(engine.outputs[0].type)) +
                                              "; class scores must be fp32");
  }
  return OkStatus();
}

}  // namespace

const std::vector<Pipeline::Step>& Pipeline::OneStageSteps() {
  static const std::vector<Step> steps = {
      {{StageId::kAcquire}, Granularity::kFrame, &Pipeline::Acquire, nullptr, nullptr},
      {{StageId::kDecode}, Granularity::kFrame, &Pipeline::Decode, nullptr, &IsDecoded},
      {{StageId::kPreprocess}, Granularity::kFrame, &Pipeline::Preprocess, nullptr, nullptr},
      {{StageId::kInfer}, Granularity::kBatch, nullptr, &Pipeline::Infer, nullptr},
      {{StageId::kPostprocess}, Granularity::kFrame, &Pipeline::Postprocess, nullptr, nullptr},
  };
  return steps;
}

const std::vector<Pipeline::Step>& Pipeline::CroppingSteps() {
  static const std::vector<Step> steps = {
      {{StageId::kAcquire}, Granularity::kFrame, &Pipeline::Acquire, nullptr, nullptr},
      {{StageId::kDecode}, Granularity::kFrame, &Pipeline::Decode, nullptr, &IsDecoded},
      {{StageId::kPreprocess, 1}, Granularity::kFrame, &Pipeline::Preprocess, nullptr, nullptr},
      {{StageId::kInfer, 1}, Granularity::kBatch, nullptr, &Pipeline::Infer, nullptr},
      {{StageId::kPostprocess, 1}, Granularity::kFrame, &Pipeline::Propose, nullptr, nullptr},
      {{StageId::kPreprocess, 2}, Granularity::kFrame, &Pipeline::Gather, nullptr, nullptr},
      {{StageId::kInfer, 2}, Granularity::kBatch, nullptr, &Pipeline::InferAgain, nullptr},
      {{StageId::kPostprocess, 2}, Granularity::kFrame, &Pipeline::Refine, nullptr, nullptr},
  };
  return steps;
}

// The second stage's names are those of a detector that crops: what does the same is called the same.
const std::vector<Pipeline::Step>& Pipeline::PoolingSteps() {
  static const std::vector<Step> steps = {
      {{StageId::kAcquire}, Granularity::kFrame, &Pipeline::Acquire, nullptr, nullptr},
      {{StageId::kDecode}, Granularity::kFrame, &Pipeline::Decode, nullptr, &IsDecoded},
      {{StageId::kPreprocess, 1}, Granularity::kFrame, &Pipeline::Preprocess, nullptr, nullptr},
      {{StageId::kInfer}, Granularity::kBatch, nullptr, &Pipeline::Infer, nullptr},
      {{StageId::kPostprocess, 1}, Granularity::kFrame, &Pipeline::Propose, nullptr, nullptr},
      {{StageId::kPreprocess, 2}, Granularity::kFrame, &Pipeline::Gather, nullptr, nullptr},
      {{StageId::kPostprocess, 2}, Granularity::kFrame, &Pipeline::Refine, nullptr, nullptr},
  };
  return steps;
}

const std::vector<Pipeline::Step>& Pipeline::StepsOf(const TaskSpec& task) {
  const TwoStageSpec* const stages = TwoStagesOf(task);
  if (stages == nullptr) return OneStageSteps();
  return stages->crop == RoiCrop::kBilinear ? CroppingSteps() : PoolingSteps();
}

Result<std::unique_ptr<Pipeline>> Pipeline::Create(const PipelineSpec& spec,
                                                   const backend::EngineInfo& engine, bool dynamic_batch,
                                                   std::unique_ptr<backend::Instance> instance,
                                                   source::Source* source, const Clock& clock,
                                                   std::optional<SecondNetwork> second) {
  SIGHTLINE_CHECK(spec.max_batch > 0 && instance != nullptr);
  SIGHTLINE_CHECK(spec.first != StageId::kAcquire || source != nullptr);
  SIGHTLINE_RETURN_IF_ERROR(CheckInputs(engine));
  SIGHTLINE_ASSIGN_OR_RETURN(auto outputs, postprocess::WithRoom(spec.task, engine.outputs));
  SIGHTLINE_RETURN_IF_ERROR(CheckOutputs(outputs));
  if (spec.task.task == Task::kClassification) SIGHTLINE_RETURN_IF_ERROR(CheckScores(engine));
  const TensorInfo& input = engine.inputs[0];
  SIGHTLINE_ASSIGN_OR_RETURN(auto decoder, decode::Decoder::Create(spec.decode));
  SIGHTLINE_ASSIGN_OR_RETURN(
      auto preprocessor, preprocess::Preprocessor::Create(spec.task.preprocess, input.type, input.layout));
  std::unique_ptr<Pipeline> pipeline(
      new Pipeline(spec, std::move(instance), source, clock, std::move(decoder), std::move(preprocessor)));
  pipeline->dynamic_batch_ = dynamic_batch;
  if (std::any_of(engine.outputs.begin(), engine.outputs.end(), IsOpen)) {
    pipeline->output_shapes_.resize(outputs.size());
  }
  pipeline->output_infos_ = std::move(outputs);
  if (second) SIGHTLINE_CHECK(spec.runs(StageId::kInfer) == spec.runs(StageId::kPostprocess));
  SIGHTLINE_RETURN_IF_ERROR(pipeline->MakeDetector(engine, std::move(second)));
  SIGHTLINE_RETURN_IF_ERROR(pipeline->MakeTensors(input));
  pipeline->SelectSteps();
  return pipeline;
}

Pipeline::Pipeline(const PipelineSpec& spec, std::unique_ptr<backend::Instance> instance,
                   source::Source* source, const Clock& clock, decode::Decoder decoder,
                   preprocess::Preprocessor preprocessor)
    : spec_(spec),
      instance_(std::move(instance)),
      source_(source),
      clock_(clock),
      decoder_(std::move(decoder)),
      preprocessor_(std::move(preprocessor)),
      slots_(static_cast<size_t>(spec.max_batch)) {}

Pipeline::~Pipeline() = default;

Status Pipeline::MakeDetector(const backend::EngineInfo& engine, std::optional<SecondNetwork> second) {
  if (spec_.task.task != Task::kDetection || !spec_.runs(StageId::kPostprocess)) return OkStatus();
  SIGHTLINE_CHECK(spec_.task.detection.has_value());
  if (TwoStagesOf(spec_.task) != nullptr) {
    SIGHTLINE_ASSIGN_OR_RETURN(second_,
                               SecondStage::Create(spec_.task, engine, std::move(second), spec_.max_batch));
  } else {
    SIGHTLINE_ASSIGN_OR_RETURN(detector_, postprocess::Detector::Create(spec_.task, output_infos_));
  }
  return OkStatus();
}

Status Pipeline::MakeTensors(const TensorInfo& input) {
  const std::string context = "memory for a batch of " + std::to_string(spec_.max_batch);
  const auto make = [&](const TensorInfo& info) {
    return Tensor::Create(info.type, info.layout, WithBatch(info.shape, spec_.max_batch));
  };
  for (Tensor* tensor : {&input_, &joined_input_}) {
    auto made = make(input);
    if (!made.ok()) return made.error().WithContext(context);
    *tensor = std::move(made).value();
  }
  for (const TensorInfo& output : output_infos_) {
    auto made = make(output);
    if (!made.ok()) return made.error().WithContext(context);
    outputs_.push_back(std::move(made).value());
    output_views_.push_back(outputs_.back().view());
  }
  for (size_t i = 0; i < slots_.size(); ++i) {
    slots_[i].position = static_cast<int>(i);
    slots_[i].input = input_.view().Slice(static_cast<int64_t>(i), 1);
    slots_[i].outputs.resize(outputs_.size());
  }
  return OkStatus();
}

void Pipeline::SelectSteps() {
  for (const Step& step : StepsOf(spec_.task)) {
    // A cut behind `preprocess` is one before the first inference, one behind `infer` one before proposals.
    const bool in_second_stage = step.key.occurrence > 1;
    if (spec_.runs(in_second_stage ? StageId::kPostprocess : step.key.stage)) steps_.push_back(step);
  }
  const auto per_batch = [](const Step& step) { return step.granularity == Granularity::kBatch; };
  const auto first = std::find_if(steps_.begin(), steps_.end(), per_batch);
  const auto last = std::find_if(steps_.rbegin(), steps_.rend(), per_batch);
  first_batch_step_ = static_cast<size_t>(first - steps_.begin());
  end_batch_step_ =
      last == steps_.rend() ? first_batch_step_ : static_cast<size_t>(last.base() - steps_.begin());
}

std::vector<StepInfo> Pipeline::steps() const {
  std::vector<StepInfo> infos;
  infos.reserve(steps_.size());
  for (const Step& step : steps_) infos.push_back({step.key, step.granularity});
  return infos;
}

Status Pipeline::Prepare(Slot& slot) {
  LendPictureMemory(slot);
  const Status status = RunFrameSteps(slot);
  TakePictureMemoryBack(slot);
  return status;
}

Status Pipeline::RunFrameSteps(Slot& slot) {
  for (size_t i = 0; i < first_batch_step_; ++i) {
    const Status status = RunFrameStep(steps_[i], slot);
    // A frame that fails on its way has its name all the same.
    slot.record.frame_id = slot.frame.id;
    slot.record.picture = slot.frame.picture;
    if (!status.ok()) return status;
  }
  return OkStatus();
}

Status Pipeline::RunBatch(std::span<Slot* const> slots) {
  SIGHTLINE_CHECK(!slots.empty() && slots.size() <= slots_.size());
  for (size_t i = 0; i < slots.size(); ++i) {
    slots[i]->record.batch_size = static_cast<int32_t>(slots.size());
    slots[i]->record.batch_position = static_cast<int32_t>(i);
  }
  bound_input_ = JoinInputs(slots);
  if (slots.size() > 1) {
    const int64_t joined_ns = clock_.NowNs();
    for (Slot* slot : slots) {
      const auto spans = slot->trace.spans();
      const int64_t ready_ns = spans.empty() ? joined_ns : spans.back().end_ns;
      slot->trace.Add({.key = {StageId::kBatch}, .begin_ns = ready_ns, .end_ns = joined_ns});
    }
  }
  for (size_t i = first_batch_step_; i < end_batch_step_; ++i) {
    const Step& step = steps_[i];
    if (step.granularity == Granularity::kBatch) {
      SIGHTLINE_RETURN_IF_ERROR(RunBatchStep(step, slots));
    } else {
      for (Slot* slot : slots) SIGHTLINE_RETURN_IF_ERROR(RunFrameStep(step, *slot));
    }
  }
  return OkStatus();
}

Status Pipeline::Finish(Slot& slot) {
  for (size_t i = end_batch_step_; i < steps_.size(); ++i)
    SIGHTLINE_RETURN_IF_ERROR(RunFrameStep(steps_[i], slot));
  const auto spans = slot.trace.spans();
  if (!spans.empty()) slot.record.at(Moment::kCompleted) = spans.back().end_ns;
  slot.record.dropped_spans = static_cast<uint8_t>(std::min(slot.trace.dropped(), 255));
  return OkStatus();
}

// Memory moves only where this pipeline both fills it and uses it up: what a caller put into the slot, or
// wants to find there, stays.
void Pipeline::LendPictureMemory(Slot& slot) {
  if (!spec_.runs(StageId::kPreprocess)) return;
  std::swap(slot.decoded, spare_decoded_);
  if (!spec_.runs(StageId::kAcquire)) return;
  std::swap(slot.frame.pixels, spare_frame_.pixels);
  std::swap(slot.frame.storage, spare_frame_.storage);
}

void Pipeline::TakePictureMemoryBack(Slot& slot) {
  LendPictureMemory(slot);  // the same exchange
  if (spec_.runs(StageId::kAcquire) && spec_.runs(StageId::kPreprocess)) slot.frame.encoded = {};
}

void Pipeline::Cancel() {
  instance_->Cancel();
  if (second_) second_->Cancel();
}

Status Pipeline::RunFrameStep(const Step& step, Slot& slot) {
  if (step.skip != nullptr && step.skip(slot)) return OkStatus();
  const int64_t begin_ns = clock_.NowNs();
  Status status = (this->*step.run_frame)(slot);
  slot.trace.Add({.key = step.key, .begin_ns = begin_ns, .end_ns = clock_.NowNs()});
  return status;
}

Status Pipeline::RunBatchStep(const Step& step, std::span<Slot* const> slots) {
  report_.struct_size = sizeof(report_);
  report_.span_count = 0;
  const int64_t begin_ns = clock_.NowNs();
  Status status = (this->*step.run_batch)(slots);
  const int64_t end_ns = clock_.NowNs();
  for (Slot* slot : slots) {
    for (int i = 0; i < std::min(report_.span_count, SL_MAX_SPANS); ++i) {
      const SlSpan& part = report_.spans[i];
      slot->trace.Add({.key = {step.key.stage, step.key.occurrence, static_cast<uint8_t>(part.sub_stage)},
                       .begin_ns = part.begin_ns,
                       .end_ns = part.end_ns});
    }
    slot->trace.Add({.key = step.key, .begin_ns = begin_ns, .end_ns = end_ns});
  }
  return status;
}

// The input of the batch: the slots' own memory when they lie side by side, else copies of it in
// joined_input_.
TensorView Pipeline::JoinInputs(std::span<Slot* const> slots) {
  const auto count = static_cast<int64_t>(slots.size());
  const int first = slots[0]->position;
  bool side_by_side = true;
  for (size_t i = 0; i < slots.size(); ++i) side_by_side &= slots[i]->position == first + static_cast<int>(i);
  // A backend with a fixed batch reads all of it; then only slots from position 0 on can be bound as they
  // lie. The ABI promises memory that begins on a boundary, which a slice in the middle may not do.
  const bool aligned = reinterpret_cast<uintptr_t>(slots[0]->input.data) % kTensorAlignment == 0;
  if (side_by_side && aligned && (dynamic_batch_ || first == 0)) {
    return dynamic_batch_ ? input_.view().Slice(first, count) : input_.view();
  }
  const TensorView joined = joined_input_.view();
  for (size_t i = 0; i < slots.size(); ++i) {
    std::memcpy(joined.Slice(static_cast<int64_t>(i), 1).data, slots[i]->input.data, slots[i]->input.bytes());
  }
  return dynamic_batch_ ? joined.Slice(0, count) : joined;
}

Status Pipeline::Acquire(Slot& slot) {
  return source_->Acquire(slot.frame);
}

Status Pipeline::Decode(Slot& slot) {
  return decoder_.Decode(slot.frame.encoded, slot.frame.name, slot.decoded);
}

Status Pipeline::Preprocess(Slot& slot) {
  const ImageView image = IsDecoded(slot) ? slot.frame.pixels.view() : slot.decoded.view();
  slot.picture_size = {image.width, image.height};
  return preprocessor_.Run(image, slot.input);
}

Status Pipeline::Infer(std::span<Slot* const> slots) {
  for (size_t i = 0; i < outputs_.size(); ++i) {
    output_views_[i] = outputs_[i].view();
    output_views_[i].shape[0] = bound_input_.shape[0];
  }
  SIGHTLINE_RETURN_IF_ERROR(instance_->Run({&bound_input_, 1}, output_views_, &report_, output_shapes_));
  SIGHTLINE_RETURN_IF_ERROR(TakeShapes());
  for (size_t s = 0; s < slots.size(); ++s) {
    for (size_t i = 0; i < outputs_.size(); ++i) {
      slots[s]->outputs[i] = output_views_[i].Slice(static_cast<int64_t>(s), 1);
    }
  }
  return OkStatus();
}

Status Pipeline::TakeShapes() {
  for (size_t i = 0; i < output_shapes_.size(); ++i) {
    const Shape& shape = output_shapes_[i];
    if (shape.rank < 1 || shape[0] != bound_input_.shape[0]) {
      return Error(
          ErrorKind::kInvalidArgument,
          "output '" + output_infos_[i].name + "' came out as " + shape.ToString() + " for a batch of " +
              std::to_string(bound_input_.shape[0]) +
              "; its first dimension has to be the batch, so run one picture at a time (-b 1) or another "
              "output");
    }
    output_views_[i].shape = shape;
  }
  return OkStatus();
}

Status Pipeline::Postprocess(Slot& slot) {
  return Named(slot, detector_ ? Detect(slot, *detector_) : Classify(slot));
}

// NOLINTNEXTLINE(readability-make-member-function-const): it fills the slot, as every step does
Status Pipeline::Classify(Slot& slot) {
  const TensorView& scores = slot.outputs[0];
  const std::span<const float> values(scores.f32(), static_cast<size_t>(scores.shape.elements()));
  SIGHTLINE_RETURN_IF_ERROR(postprocess::TopK(values, kTopK, spec_.task.output_kind, slot.top));
  slot.record.top_class = slot.top[0].index;
  slot.record.top_score = slot.top[0].score;
  return OkStatus();
}

Status Pipeline::Detect(Slot& slot, postprocess::Detector& detector) const {
  const postprocess::PictureMap map = MapOf(spec_.task.preprocess, slot.picture_size);
  SIGHTLINE_RETURN_IF_ERROR(detector.Run(slot.outputs, map, slot.detections));
  KeepDetections(slot, detector.candidates());
  return OkStatus();
}

Status Pipeline::Propose(Slot& slot) {
  return Named(slot, second_->Propose(slot.outputs, slot.proposals));
}

Status Pipeline::Gather(Slot& slot) {
  second_->Gather(slot.record.batch_position, slot.outputs, slot.proposals);
  return OkStatus();
}

Status Pipeline::InferAgain(std::span<Slot* const> slots) {
  return second_->Infer(static_cast<int>(slots.size()), &report_);
}

Status Pipeline::Refine(Slot& slot) {
  const postprocess::PictureMap map = MapOf(spec_.task.preprocess, slot.picture_size);
  const Status status = second_->Refine(slot.record.batch_position, slot.proposals, map, slot.detections);
  if (status.ok()) KeepDetections(slot, second_->candidates());
  return Named(slot, status);
}

}  // namespace sightline::pipeline
