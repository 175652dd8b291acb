// The pipeline: the only place that knows the order of the stages. It is data, a list of steps, each run per
// frame or per batch; one helper runs and stamps every step, so that no stage can forget its stamps.
//
//     acquire -> decode -> preprocess -> infer -> postprocess
//
// and of a detector in two stages, which has a second network (Faster R-CNN) or pools (R-FCN),
//
//     acquire -> decode -> preprocess#1 -> infer#1 -> postprocess#1 (proposals) -> preprocess#2 (their crops)
//     -> infer#2 -> postprocess#2
//     acquire -> decode -> preprocess#1 -> infer -> postprocess#1 (proposals) -> preprocess#2 (their pooling)
//     -> postprocess#2
//
// A pipeline owns no threads. Whoever does (a lane of `run`, the server's batcher, the generator) calls
// Prepare for each frame, RunBatch for the frames that go together, Finish for each frame. Remote computation
// is a cut in this list: one side runs the steps up to the cut, the other the steps after it.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "src/backend/backend.h"
#include "src/base/clock.h"
#include "src/base/result.h"
#include "src/decode/decode.h"
#include "src/flow/classification.h"
#include "src/flow/detection.h"
#include "src/flow/frame.h"
#include "src/flow/record.h"
#include "src/flow/task.h"
#include "src/pipeline/second_stage.h"
#include "src/postprocess/detector.h"
#include "src/preprocess/preprocess.h"
#include "src/source/source.h"

namespace sightline::pipeline {

// One frame's place in the pipeline. Owned by the pipeline and used again and again.
struct Slot {
  int position = 0;  // which slice of the pipeline's input tensor it fills
  Frame frame;
  // Pixels, and what the source read into the frame, are there after Prepare only if the pipeline is cut
  // before `preprocess`: else the slots take turns with one picture's memory, since a large one takes 70 MB
  // and only the tensor is needed later.
  Image decoded;
  TensorView input;                 // this frame's slice, batch dimension 1
  std::vector<TensorView> outputs;  // this frame's slices, valid from RunBatch to the next RunBatch
  StageTrace trace;
  RequestRecord record;
  // Of the picture as decoded, which `decoded` may hold no longer. Set by `preprocess`; where the pipeline
  // begins after it, by the caller, for boxes to be of the picture (0 x 0: of the network's input).
  PictureSize picture_size;
  std::array<ClassScore, kTopK> top{};  // of a classification, best first
  std::vector<Detection> proposals;     // of a detection in two stages
  std::vector<Detection> detections;    // of a detection, best first

  // Forgets the frame before; memory is kept.
  void Clear() {
    trace.Clear();
    record = RequestRecord();
    top.fill({});
    picture_size = {};
    proposals.clear();
    detections.clear();
  }
};

struct PipelineSpec {
  TaskSpec task;
  decode::DecodeOptions decode;
  int max_batch = 1;
  // The steps to run, both included: where a placement cuts.
  StageId first = StageId::kAcquire;
  StageId last = StageId::kPostprocess;

  bool runs(StageId stage) const { return first <= stage && stage <= last; }
};

enum class Granularity { kFrame, kBatch };

struct StepInfo {
  StageKey key;
  Granularity granularity;
};

// Not thread-safe: one per lane.
class Pipeline {
 public:
  // `source` (not owned, may be shared by pipelines) is needed when `spec.first` is kAcquire; `clock` is not
  // owned. `second` is there where the task has a second network, and only there; of such a task either all
  // steps from `infer` on run or none. Fails when the engine's inputs or outputs do not fit the task, saying
  // which.
  static Result<std::unique_ptr<Pipeline>> Create(const PipelineSpec& spec, const backend::EngineInfo& engine,
                                                  bool dynamic_batch,
                                                  std::unique_ptr<backend::Instance> instance,
                                                  source::Source* source, const Clock& clock,
                                                  std::optional<SecondNetwork> second = std::nullopt);
  ~Pipeline();

  std::vector<StepInfo> steps() const;
  int slot_count() const { return static_cast<int>(slots_.size()); }
  Slot& slot(int i) { return slots_[static_cast<size_t>(i)]; }

  // Where `acquire` takes frames from now on (not owned). Not while a frame is on its way.
  void set_source(source::Source* source) { source_ = source; }

  // How scores are read from now on. Not while a frame is on its way.
  void set_output_kind(OutputKind kind) { spec_.task.output_kind = kind; }

  // Runs the per-frame steps before the first per-batch one on a cleared slot. With no acquire step in the
  // list, the caller has filled slot.frame.
  Status Prepare(Slot& slot);

  // Runs the per-batch steps on prepared slots. Slots at consecutive positions are bound as they lie; others
  // are copied together first, which counts as the `batch` stage. At most max_batch slots.
  Status RunBatch(std::span<Slot* const> slots);

  // Runs the per-frame steps after the last per-batch one; the record's `completed` moment is set.
  Status Finish(Slot& slot);

  // Asks an inference in progress to end. Any thread.
  void Cancel();

 private:
  struct Step;
  static const std::vector<Step>& OneStageSteps();
  static const std::vector<Step>& CroppingSteps();
  static const std::vector<Step>& PoolingSteps();
  static const std::vector<Step>& StepsOf(const TaskSpec& task);

  Pipeline(const PipelineSpec& spec, std::unique_ptr<backend::Instance> instance, source::Source* source,
           const Clock& clock, decode::Decoder decoder, preprocess::Preprocessor preprocessor);
  Status MakeDetector(const backend::EngineInfo& engine, std::optional<SecondNetwork> second);
  Status MakeTensors(const TensorInfo& input);
  // Of outputs whose shapes the data decides, what the last run gave.
  Status TakeShapes();
  void SelectSteps();

  void LendPictureMemory(Slot& slot);
  void TakePictureMemoryBack(Slot& slot);
  // The steps before the batch, in order; the record names the frame even when one fails.
  Status RunFrameSteps(Slot& slot);
  Status RunFrameStep(const Step& step, Slot& slot);
  Status RunBatchStep(const Step& step, std::span<Slot* const> slots);
  TensorView JoinInputs(std::span<Slot* const> slots);

  Status Acquire(Slot& slot);
  Status Decode(Slot& slot);
  Status Preprocess(Slot& slot);
  Status Infer(std::span<Slot* const> slots);
  Status Postprocess(Slot& slot);
  Status Classify(Slot& slot);
  Status Detect(Slot& slot, postprocess::Detector& detector) const;
  Status Propose(Slot& slot);
  Status Gather(Slot& slot);
  Status InferAgain(std::span<Slot* const> slots);
  Status Refine(Slot& slot);

  PipelineSpec spec_;
  bool dynamic_batch_ = false;
  std::unique_ptr<backend::Instance> instance_;
  source::Source* source_;
  const Clock& clock_;
  decode::Decoder decoder_;
  preprocess::Preprocessor preprocessor_;
  // Of a detection, where `postprocess` runs here: in two stages, or in one.
  std::unique_ptr<SecondStage> second_;
  std::optional<postprocess::Detector> detector_;
  std::vector<Step> steps_;
  size_t first_batch_step_ = 0;  // steps_ before it run in Prepare
  size_t end_batch_step_ = 0;    // steps_ from it on run in Finish

  Tensor input_;
  Tensor joined_input_;                   // used only when slots do not lie side by side
  std::vector<TensorInfo> output_infos_;  // with room for the most a run gives
  std::vector<Tensor> outputs_;
  std::vector<TensorView> output_views_;  // for the batch in progress
  std::vector<Shape> output_shapes_;      // of the last run; empty where the data decides none
  TensorView bound_input_;
  SlRunReport report_{};
  // The memory slots take turns with: of the source's frames and of the decoder.
  Frame spare_frame_;
  Image spare_decoded_;
  std::vector<Slot> slots_;
};

}  // namespace sightline::pipeline
