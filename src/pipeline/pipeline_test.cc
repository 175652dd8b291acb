#include "src/pipeline/pipeline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <numeric>
#include <vector>

#include "tests/fakes/scripted_backend.h"

namespace sightline::pipeline {
namespace {

using sightline::testing::TheScript;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr int kSide = sightline::testing::kScriptedInputSide;

TaskSpec ScriptedTask() {
  TaskSpec task;
  task.preprocess.width = TheScript().input_side;
  task.preprocess.height = TheScript().input_side;
  task.classes = sightline::testing::kScriptedClasses;
  return task;
}

// Everything a pipeline stands on, for tests.
class PipelineTest : public ::testing::Test {
 protected:
  void SetUp() override {
    TheScript().Reset();
    auto source = source::OpenSource("tests/data/pictures");
    ASSERT_TRUE(source.ok()) << source.error().message();
    source_ = std::move(source).value();
    auto backend = backend::Backend::FromTable(sightline::testing::ScriptedBackend());
    ASSERT_TRUE(backend.ok()) << backend.error().message();
    backend_ = *backend;
  }

  Result<std::unique_ptr<Pipeline>> Make(PipelineSpec spec, source::Source* source) {
    if (spec.task.task == Task::kClassification) spec.task = ScriptedTask();
    backend::EngineOptions options;
    options.max_batch = spec.max_batch;
    auto engine = backend_->CreateEngine({.name = "scripted", .file = "tests/data/model.scripted"}, options);
    if (!engine.ok()) return engine.error();
    auto instance = (*engine)->CreateInstance();
    if (!instance.ok()) return instance.error();
    return Pipeline::Create(spec, (*engine)->info(), TheScript().dynamic_batch, std::move(instance).value(),
                            source, clock_);
  }
  std::unique_ptr<Pipeline> MustMake(const PipelineSpec& spec) {
    auto made = Make(spec, source_.get());
    EXPECT_TRUE(made.ok()) << made.error().message();
    return made.ok() ? std::move(made).value() : nullptr;
  }

  SteadyClock clock_;
  std::unique_ptr<source::Source> source_;
  std::shared_ptr<backend::Backend> backend_;
};

std::vector<std::string> StageNames(const Slot& slot) {
  std::vector<std::string> names;
  for (const StageSpan& span : slot.trace.spans()) names.push_back(StageKeyName(span.key));
  return names;
}

Status PassThrough(Pipeline& pipeline, std::vector<Slot*> slots) {
  for (Slot* slot : slots) slot->Clear();
  for (Slot* slot : slots) SIGHTLINE_RETURN_IF_ERROR(pipeline.Prepare(*slot));
  SIGHTLINE_RETURN_IF_ERROR(pipeline.RunBatch(slots));
  for (Slot* slot : slots) SIGHTLINE_RETURN_IF_ERROR(pipeline.Finish(*slot));
  return OkStatus();
}

TEST_F(PipelineTest, OneFramePassesAllStagesInOrder) {
  const auto pipeline = MustMake({});
  ASSERT_TRUE(PassThrough(*pipeline, {&pipeline->slot(0)}).ok());
  const Slot& slot = pipeline->slot(0);
  EXPECT_THAT(StageNames(slot), ElementsAre("acquire", "decode", "preprocess", "infer", "postprocess"));
  int64_t previous_end = 0;
  for (const StageSpan& span : slot.trace.spans()) {
    EXPECT_LE(previous_end, span.begin_ns);
    EXPECT_LE(span.begin_ns, span.end_ns);
    previous_end = span.end_ns;
  }
  EXPECT_EQ(slot.record.at(Moment::kCompleted).value(), previous_end);
  EXPECT_EQ(slot.record.batch_size, 1);
}

TEST_F(PipelineTest, ResultIsOfTheFramesOwnPixels) {
  const auto pipeline = MustMake({.max_batch = 4});
  ASSERT_TRUE(
      PassThrough(*pipeline, {&pipeline->slot(0), &pipeline->slot(1), &pipeline->slot(2), &pipeline->slot(3)})
          .ok());
  for (int i = 0; i < 4; ++i) {
    const Slot& slot = pipeline->slot(i);
    const float* input = slot.input.f32();
    const double mean = std::accumulate(input, input + 3 * kSide * kSide, 0.0) / (3 * kSide * kSide);
    EXPECT_GT(mean, 10) << "pixels reach the backend unscaled, with mean 0 and scale 1";
    EXPECT_EQ(slot.top[0].index, 0);
    EXPECT_NEAR(slot.top[0].score, mean, 0.01);
    EXPECT_EQ(slot.record.top_class, 0);
    EXPECT_EQ(slot.record.batch_position, i);
  }
}

TEST_F(PipelineTest, BatchedFramesShareInferAndWaitForEachOther) {
  const auto pipeline = MustMake({.max_batch = 2});
  ASSERT_TRUE(PassThrough(*pipeline, {&pipeline->slot(0), &pipeline->slot(1)}).ok());
  const auto span_of = [&](int slot, StageId stage) {
    const auto spans = pipeline->slot(slot).trace.spans();
    return *std::find_if(spans.begin(), spans.end(),
                         [&](const StageSpan& s) { return s.key == StageKey{stage}; });
  };
  EXPECT_EQ(span_of(0, StageId::kInfer).begin_ns, span_of(1, StageId::kInfer).begin_ns);
  EXPECT_EQ(span_of(0, StageId::kBatch).begin_ns, span_of(0, StageId::kPreprocess).end_ns);
  // The first frame waits while the second is prepared.
  EXPECT_GE(span_of(0, StageId::kBatch).end_ns, span_of(1, StageId::kPreprocess).end_ns);
  EXPECT_EQ(TheScript().last_batch, 2);
}

TEST_F(PipelineTest, SlotsSideBySideAreBoundWithoutACopyOthersAreJoined) {
  const auto pipeline = MustMake({.max_batch = 3});
  ASSERT_TRUE(PassThrough(*pipeline, {&pipeline->slot(1), &pipeline->slot(2)}).ok());
  EXPECT_EQ(TheScript().last_input, pipeline->slot(1).input.data);
  ASSERT_TRUE(PassThrough(*pipeline, {&pipeline->slot(2), &pipeline->slot(0)}).ok());
  EXPECT_NE(TheScript().last_input, pipeline->slot(2).input.data);
  for (const int i : {2, 0}) {
    const float* input = pipeline->slot(i).input.f32();
    const double mean = std::accumulate(input, input + 3 * kSide * kSide, 0.0) / (3 * kSide * kSide);
    EXPECT_NEAR(pipeline->slot(i).top[0].score, mean, 0.01) << "slot " << i;
  }
}

// 7x7 pictures are 588 bytes: the second slot begins between two of the boundaries the ABI promises.
TEST_F(PipelineTest, SlotsThatBeginBetweenBoundariesAreJoined) {
  TheScript().input_side = 7;
  const auto pipeline = MustMake({.max_batch = 3});
  ASSERT_TRUE(PassThrough(*pipeline, {&pipeline->slot(1), &pipeline->slot(2)}).ok());
  EXPECT_NE(TheScript().last_input, pipeline->slot(1).input.data);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(TheScript().last_input.load()) % kTensorAlignment, 0u);
  const float* input = pipeline->slot(1).input.f32();
  EXPECT_NEAR(pipeline->slot(1).top[0].score, std::accumulate(input, input + 147, 0.0) / 147, 0.01);
}

TEST_F(PipelineTest, OutputsWhoseShapeTheDataDecidesAreRefused) {
  TheScript().dynamic_output = true;
  EXPECT_THAT(Make({}, source_.get()).error().message(),
              HasSubstr("output 'output' has the open shape ?x?, which the data decides"));
}

TEST_F(PipelineTest, ABackendWithAFixedBatchGetsAllOfIt) {
  TheScript().dynamic_batch = false;
  const auto pipeline = MustMake({.max_batch = 4});
  ASSERT_TRUE(PassThrough(*pipeline, {&pipeline->slot(0), &pipeline->slot(1), &pipeline->slot(2)}).ok());
  EXPECT_EQ(TheScript().last_batch, 4);
  EXPECT_EQ(pipeline->slot(2).record.batch_size, 3);
}

TEST_F(PipelineTest, ACutRunsOnlyItsOwnSteps) {
  auto made = Make({.first = StageId::kInfer, .last = StageId::kInfer}, nullptr);
  ASSERT_TRUE(made.ok()) << made.error().message();
  Pipeline& pipeline = **made;
  ASSERT_EQ(pipeline.steps().size(), 1u);
  ASSERT_TRUE(PassThrough(pipeline, {&pipeline.slot(0)}).ok());
  EXPECT_THAT(StageNames(pipeline.slot(0)), ElementsAre("infer"));

  auto client = Make({.first = StageId::kAcquire, .last = StageId::kPreprocess}, source_.get());
  ASSERT_TRUE(client.ok());
  Slot& slot = (*client)->slot(0);
  slot.Clear();
  ASSERT_TRUE((*client)->Prepare(slot).ok());
  EXPECT_THAT(StageNames(slot), ElementsAre("acquire", "decode", "preprocess"));
}

TEST_F(PipelineTest, PixelFramesNeedNoDecode) {
  auto synthetic = source::OpenSource("synthetic:64x48");
  ASSERT_TRUE(synthetic.ok());
  auto made = Make({}, synthetic->get());
  ASSERT_TRUE(made.ok());
  ASSERT_TRUE(PassThrough(**made, {&(*made)->slot(0)}).ok());
  EXPECT_THAT(StageNames((*made)->slot(0)), ElementsAre("acquire", "preprocess", "infer", "postprocess"));
}

TEST_F(PipelineTest, SlotsTakeTurnsWithOnePicturesMemory) {
  auto synthetic = source::OpenSource("synthetic:64x48");
  ASSERT_TRUE(synthetic.ok());
  for (source::Source* source : {source_.get(), synthetic->get()}) {
    auto made = Make({.max_batch = 3}, source);
    ASSERT_TRUE(made.ok());
    std::vector<Slot*> slots;
    for (int i = 0; i < 3; ++i) slots.push_back(&(*made)->slot(i));
    for (int round = 0; round < 2; ++round) {
      ASSERT_TRUE(PassThrough(**made, slots).ok());
      for (const Slot* slot : slots) {
        EXPECT_EQ(slot->decoded.view().data, nullptr);
        EXPECT_EQ(slot->frame.pixels.view().data, nullptr);
        EXPECT_EQ(slot->frame.storage.capacity(), 0u);
      }
    }
  }
}

TEST_F(PipelineTest, ACutBeforePreprocessLeavesThePixelsInTheSlots) {
  auto made = Make({.max_batch = 2, .first = StageId::kAcquire, .last = StageId::kDecode}, source_.get());
  ASSERT_TRUE(made.ok());
  for (int i = 0; i < 2; ++i) {
    (*made)->slot(i).Clear();
    ASSERT_TRUE((*made)->Prepare((*made)->slot(i)).ok());
  }
  for (int i = 0; i < 2; ++i) {
    EXPECT_FALSE((*made)->slot(i).decoded.empty());
    EXPECT_FALSE((*made)->slot(i).frame.encoded.empty());
  }
}

TEST_F(PipelineTest, AFailingBackendIsAnErrorNotACrash) {
  TheScript().fail_at_run = 1;
  const auto pipeline = MustMake({});
  ASSERT_TRUE(PassThrough(*pipeline, {&pipeline->slot(0)}).ok());
  const Status status = PassThrough(*pipeline, {&pipeline->slot(0)});
  ASSERT_FALSE(status.ok());
  EXPECT_THAT(status.error().message(), HasSubstr("scripted failure"));
  EXPECT_THAT(StageNames(pipeline->slot(0)), ElementsAre("acquire", "decode", "preprocess", "infer"));
}

TEST_F(PipelineTest, AFrameThatFailsOnItsWayHasItsName) {
  const auto pipeline = MustMake({.max_batch = 2});
  TheScript().fail_at_run = 0;
  ASSERT_FALSE(PassThrough(*pipeline, {&pipeline->slot(0), &pipeline->slot(1)}).ok());
  const RequestRecord& record = pipeline->slot(1).record;
  EXPECT_EQ(record.frame_id, 1u);
  EXPECT_EQ(record.picture, 1u);
  EXPECT_EQ(record.batch_size, 2);
  EXPECT_EQ(record.batch_position, 1);
}

TEST_F(PipelineTest, RefusesASingleNumberAsOutput) {
  TheScript().output_rank = 0;
  const auto made = Make({}, source_.get());
  ASSERT_FALSE(made.ok());
  EXPECT_THAT(made.error().message(), HasSubstr("output 'output' is a single number"));
}

TEST_F(PipelineTest, ScoresAreReadAsTheirKindSays) {
  const auto pipeline = MustMake({});
  pipeline->set_output_kind(OutputKind::kLogits);
  ASSERT_TRUE(PassThrough(*pipeline, {&pipeline->slot(0)}).ok());
  // Scores {mean, 1, ..., 5} with a mean above 10: the softmax gives nearly all to the first.
  EXPECT_LE(pipeline->slot(0).top[0].score, 1);
  EXPECT_GT(pipeline->slot(0).top[0].score, 0.9);
}

// One anchor that covers the middle half of the input, three classes of which the first is background.
PipelineSpec DetectionSpecOf(int max_batch) {
  TheScript().outputs = {{"boxes", {1, 4}, {0, 0, 0, 0}}, {"scores", {1, 3}, {9, -9, 2}}};
  PipelineSpec spec{.task = ScriptedTask(), .max_batch = max_batch};
  spec.task.task = Task::kDetection;
  spec.task.classes = 3;
  spec.task.has_background_class = true;
  spec.task.preprocess.resize = ResizeMode::kLetterbox;
  spec.task.detection.emplace();
  SsdSpec ssd;
  ssd.layers.push_back({1, 1, 1, 1, {{0.5F, 0.5F}}});
  spec.task.detection->decoder = ssd;
  spec.task.detection->nms.score_threshold = 0.3F;
  return spec;
}

TEST_F(PipelineTest, DetectionsAreOfThePictureAndCounted) {
  // 64 x 32 pixels fill the middle half of the rows of an input of 8 x 8.
  auto wide = source::OpenSource("synthetic:64x32");
  ASSERT_TRUE(wide.ok());
  auto made = Make(DetectionSpecOf(2), wide->get());
  ASSERT_TRUE(made.ok()) << made.error().message();
  Pipeline& pipeline = **made;
  ASSERT_TRUE(PassThrough(pipeline, {&pipeline.slot(0), &pipeline.slot(1)}).ok());
  for (int i = 0; i < 2; ++i) {
    const Slot& slot = pipeline.slot(i);
    EXPECT_EQ(slot.picture_size, (PictureSize{64, 32}));
    ASSERT_EQ(slot.detections.size(), 1u);
    EXPECT_EQ(slot.detections[0].box, (Box{0.25F, 0, 0.75F, 1}));
    EXPECT_EQ(slot.detections[0].class_index, 2);
    EXPECT_EQ(slot.record.candidates_before_nms, 1);
    EXPECT_EQ(slot.record.candidates_after_nms, 1);
    EXPECT_EQ(slot.record.top_class, 2);
    EXPECT_NEAR(slot.record.top_score, 0.8808, 1e-4);
    EXPECT_THAT(StageNames(slot), ::testing::Contains("postprocess"));
  }
  TheScript().outputs[1].values = {9, -9, -9};
  ASSERT_TRUE(PassThrough(pipeline, {&pipeline.slot(0)}).ok());
  EXPECT_THAT(pipeline.slot(0).detections, ::testing::IsEmpty());
  EXPECT_EQ(pipeline.slot(0).record.candidates_before_nms, 0);
  EXPECT_EQ(pipeline.slot(0).record.candidates_after_nms, 0);
  EXPECT_FALSE(pipeline.slot(0).record.top_class.has_value());
}

// Boxes as the model finished them: how many rows there are the data decides.
PipelineSpec FinishedSpecOf(int max_batch) {
  PipelineSpec spec = DetectionSpecOf(max_batch);
  spec.task.preprocess.resize = ResizeMode::kStretch;
  spec.task.detection->decoder = FinishedBoxesSpec{.max_boxes = 3};
  TheScript().outputs = {{"boxes", {SL_DIM_DYNAMIC, 4}, {0, 0, 1, 0.5F, 0.5F, 0, 1, 1}, {max_batch, 2, 4}},
                         {"classes", {SL_DIM_DYNAMIC}, {2, 1}, {max_batch, 2}},
                         {"scores", {SL_DIM_DYNAMIC}, {0.5F, 0.75F}, {max_batch, 2}},
                         {"count", {}, {2}, {}}};
  return spec;
}

TEST_F(PipelineTest, RowsOfFinishedBoxesAreWhatEachRunGives) {
  const auto pipeline = MustMake(FinishedSpecOf(2));
  ASSERT_TRUE(PassThrough(*pipeline, {&pipeline->slot(0), &pipeline->slot(1)}).ok());
  for (int i = 0; i < 2; ++i) {
    const Slot& slot = pipeline->slot(i);
    EXPECT_EQ(slot.outputs[0].shape, (Shape{1, 2, 4}));
    ASSERT_EQ(slot.detections.size(), 2u) << i;
    EXPECT_EQ(slot.detections[0].box, (Box{0, 0.5F, 1, 1}));
    EXPECT_EQ(slot.detections[0].class_index, 1);
    EXPECT_EQ(slot.detections[1].box, (Box{0, 0, 0.5F, 1}));
    EXPECT_FALSE(slot.record.candidates_before_nms.has_value());
    EXPECT_EQ(slot.record.candidates_after_nms, 2);
  }
}

TEST_F(PipelineTest, AnOutputWithoutTheBatchInFrontIsNamed) {
  const auto pipeline = MustMake(FinishedSpecOf(2));
  TheScript().outputs[1].given = {1, 2};
  const Status status = PassThrough(*pipeline, {&pipeline->slot(0), &pipeline->slot(1)});
  ASSERT_FALSE(status.ok());
  EXPECT_THAT(status.error().message(), HasSubstr("output 'classes' came out as 1x2 for a batch of 2"));
}

TEST_F(PipelineTest, ADescriptionThatDoesNotFitTheNetworkIsRefused) {
  PipelineSpec spec = DetectionSpecOf(1);
  spec.task.classes = 91;
  const auto made = Make(spec, source_.get());
  ASSERT_FALSE(made.ok());
  EXPECT_THAT(made.error().message(),
              HasSubstr("output 'scores' has 3 columns and the description 91 classes"));
}

TEST_F(PipelineTest, OutputsThatAreNoNumbersNameTheirPicture) {
  const auto pipeline = MustMake(DetectionSpecOf(1));
  TheScript().outputs[0].values[2] = std::numeric_limits<float>::infinity();
  const Status status = PassThrough(*pipeline, {&pipeline->slot(0)});
  ASSERT_FALSE(status.ok());
  EXPECT_THAT(status.error().message(), HasSubstr(std::string(pipeline->slot(0).frame.name) + ": "));
  EXPECT_THAT(status.error().message(), HasSubstr("in the box of anchor 0, column 2"));
}

TEST_F(PipelineTest, FramesComeFromTheSourceThatWasSetLast) {
  auto synthetic = source::OpenSource("synthetic:64x48");
  ASSERT_TRUE(synthetic.ok());
  const auto pipeline = MustMake({});
  pipeline->set_source(synthetic->get());
  ASSERT_TRUE(PassThrough(*pipeline, {&pipeline->slot(0)}).ok());
  EXPECT_EQ(pipeline->slot(0).picture_size, (PictureSize{64, 48}));
}

TEST_F(PipelineTest, RefusesModelsThatTakeNoPicture) {
  backend::EngineInfo engine;
  engine.inputs = {{"a", SL_F32, SL_LAYOUT_PLAIN, {1, 10}}};
  engine.outputs = {{"out", SL_F32, SL_LAYOUT_PLAIN, {1, 10}}};
  auto donor = backend_->CreateEngine({.name = "scripted", .file = "tests/data/model.scripted"}, {});
  ASSERT_TRUE(donor.ok());
  auto instance = (*donor)->CreateInstance();
  ASSERT_TRUE(instance.ok());
  const auto made = Pipeline::Create({.task = ScriptedTask()}, engine, false, std::move(instance).value(),
                                     source_.get(), clock_);
  ASSERT_FALSE(made.ok());
  EXPECT_THAT(made.error().message(),
              HasSubstr("input 'a' has shape 1x10, which is not a batch of pictures"));
}

// Two anchors, both proposed; the second network says of each that it is of class 1, twice as wide.
class TwoStagePipelineTest : public PipelineTest {
 protected:
  Result<std::unique_ptr<Pipeline>> MakeTwoStages(int max_batch, int crop_size = kSide) {
    const std::vector<sightline::testing::ScriptedOutput> first = {
        {"boxes", {2, 4}, std::vector<float>(8)},
        {"objectness", {2, 2}, {0, 2, 0, 1}},
        {"features", {3, 4, 4}, std::vector<float>(48, 7)}};
    std::vector<sightline::testing::ScriptedOutput> second = {{"refined", {4}, {0, 0, 0, 3.4657359F}},
                                                              {"scores", {2}, {0, 5}}};
    PipelineSpec spec{.task = ScriptedTask(), .max_batch = max_batch};
    spec.task.task = Task::kDetection;
    spec.task.classes = 2;
    spec.task.has_background_class = true;
    TwoStageSpec stages;
    stages.proposals.layers = {{1, 2, 1, 0.5F, {{0.2F, 0.5F}}}};
    stages.proposal_nms = {.iou_threshold = 0.7F, .max_per_class = 3, .max_total = 3};
    stages.crop_size = crop_size;
    spec.task.detection.emplace();
    spec.task.detection->decoder = stages;
    spec.task.detection->nms.score_threshold = 0.5F;

    TheScript().outputs = first;
    first_engine_ = Engine(max_batch);
    TheScript().outputs = second;
    second_engine_ = Engine(max_batch * 3);
    TheScript().during_run = [first, second] {
      TheScript().outputs = TheScript().runs % 2 == 1 ? first : second;
      if (TheScript().runs % 2 == 0) {
        const auto* crops = static_cast<const float*>(TheScript().last_input.load());
        TheScript().outputs[1].values = {0, crops[0]};
      }
    };
    auto instance = second_engine_->CreateInstance();
    if (!instance.ok()) return instance.error();
    return Pipeline::Create(spec, first_engine_->info(), true, first_engine_->CreateInstance().value(),
                            source_.get(), clock_,
                            SecondNetwork{second_engine_->info(), true, std::move(instance).value()});
  }

 private:
  std::shared_ptr<backend::Engine> Engine(int max_batch) {
    backend::EngineOptions options;
    options.max_batch = max_batch;
    return backend_->CreateEngine({.name = "scripted", .file = "tests/data/model.scripted"}, options).value();
  }

  std::shared_ptr<backend::Engine> first_engine_;
  std::shared_ptr<backend::Engine> second_engine_;
};

TEST_F(TwoStagePipelineTest, ProposalsAreCutOutAndInferredTogether) {
  auto made = MakeTwoStages(2);
  ASSERT_TRUE(made.ok()) << made.error().message();
  Pipeline& pipeline = **made;
  ASSERT_TRUE(PassThrough(pipeline, {&pipeline.slot(0), &pipeline.slot(1)}).ok());
  EXPECT_EQ(TheScript().runs, 2);
  EXPECT_EQ(TheScript().last_batch, 6) << "three proposals of each of two frames, used or not";
  for (int i = 0; i < 2; ++i) {
    const Slot& slot = pipeline.slot(i);
    EXPECT_THAT(StageNames(slot), ElementsAre("acquire", "decode", "preprocess#1", "batch", "infer#1",
                                              "postprocess#1", "preprocess#2", "infer#2", "postprocess#2"));
    ASSERT_EQ(slot.proposals.size(), 2u);
    ASSERT_EQ(slot.detections.size(), 2u);
    EXPECT_FLOAT_EQ(slot.detections[0].box.right - slot.detections[0].box.left, 0.4F);
    EXPECT_EQ(slot.record.candidates_before_nms, 2);
    EXPECT_EQ(slot.record.candidates_after_nms, 2);
    EXPECT_EQ(slot.record.top_class, 1);
    EXPECT_NEAR(slot.record.top_score, 0.99909, 1e-5)
        << "of the features' 7, which reached the second network";
  }
}

TEST_F(TwoStagePipelineTest, SaysWhereTheSecondNetworkDoesNotFit) {
  const auto made = MakeTwoStages(1, kSide - 1);
  ASSERT_FALSE(made.ok());
  EXPECT_THAT(
      made.error().message(),
      HasSubstr(
          "input 'input' of the second stage has shape ?x3x8x8; the task's crops are 7x7 of 3 channels"));
}

// Two anchors, both proposed. In each of 2 x 2 bins the maps say of every box that it is twice as wide; that
// it is of class 1 they say with 5, the mean over the bins.
class PoolingPipelineTest : public PipelineTest {
 protected:
  void SetUp() override {
    PipelineTest::SetUp();
    stages_.proposals.layers = {{1, 2, 1, 0.5F, {{0.2F, 0.5F}}}};
    stages_.proposal_nms = {.iou_threshold = 0.7F, .max_per_class = 3, .max_total = 3};
    stages_.crop = RoiCrop::kPositionSensitive;
    stages_.bins = 2;
    stages_.crop_size = 6;
    TheScript().outputs = {{"boxes", {2, 4}, std::vector<float>(8)},
                           {"objectness", {2, 2}, {0, 2, 0, 1}},
                           {"box_map", {16, 5, 4}, {}},
                           {"class_map", {8, 5, 4}, {}}};
    for (const float bin : {4.0F, 6.0F, 2.0F, 8.0F}) {
      for (const float number : {0.0F, 0.0F, 0.0F, 3.4657359F}) AddChannel(2, number);
      for (const float score : {0.0F, bin}) AddChannel(3, score);
    }
  }

  PipelineSpec Spec(int max_batch) const {
    PipelineSpec spec{.task = ScriptedTask(), .max_batch = max_batch};
    spec.task.task = Task::kDetection;
    spec.task.classes = 2;
    spec.task.has_background_class = true;
    spec.task.detection.emplace();
    spec.task.detection->decoder = stages_;
    spec.task.detection->nms.score_threshold = 0.5F;
    return spec;
  }

  TwoStageSpec stages_;

 private:
  static void AddChannel(size_t output, float value) {
    std::vector<float>& values = TheScript().outputs[output].values;
    values.insert(values.end(), 20, value);
  }
};

TEST_F(PoolingPipelineTest, ProposalsArePooledWithoutASecondNetwork) {
  const auto pipeline = MustMake(Spec(2));
  ASSERT_NE(pipeline, nullptr);
  ASSERT_TRUE(PassThrough(*pipeline, {&pipeline->slot(0), &pipeline->slot(1)}).ok());
  EXPECT_EQ(TheScript().runs, 1);
  for (int i = 0; i < 2; ++i) {
    const Slot& slot = pipeline->slot(i);
    EXPECT_THAT(StageNames(slot), ElementsAre("acquire", "decode", "preprocess#1", "batch", "infer",
                                              "postprocess#1", "preprocess#2", "postprocess#2"));
    ASSERT_EQ(slot.proposals.size(), 2u);
    ASSERT_EQ(slot.detections.size(), 2u);
    EXPECT_NEAR(slot.detections[0].box.right - slot.detections[0].box.left, 0.4F, 1e-6F);
    EXPECT_EQ(slot.record.candidates_before_nms, 2);
    EXPECT_EQ(slot.record.candidates_after_nms, 2);
    EXPECT_EQ(slot.record.top_class, 1);
    EXPECT_NEAR(slot.record.top_score, 0.99331, 1e-5) << "of the mean over the bins, 5";
  }
}

// Rows are one frame's: the second picture must not be read from the first's.
TEST_F(PoolingPipelineTest, FramesAreRefinedFromTheirOwnMaps) {
  const auto pipeline = MustMake(Spec(1));
  ASSERT_NE(pipeline, nullptr);
  ASSERT_TRUE(PassThrough(*pipeline, {&pipeline->slot(0)}).ok());
  ASSERT_EQ(pipeline->slot(0).detections.size(), 2u);
  for (float& value : TheScript().outputs[3].values) value = -value;
  ASSERT_TRUE(PassThrough(*pipeline, {&pipeline->slot(0)}).ok());
  EXPECT_THAT(pipeline->slot(0).detections, ::testing::IsEmpty());
}

TEST_F(PoolingPipelineTest, ACutBehindInferLeavesTheSecondStageOut) {
  PipelineSpec spec = Spec(1);
  spec.last = StageId::kInfer;
  const auto pipeline = MustMake(spec);
  ASSERT_NE(pipeline, nullptr);
  ASSERT_TRUE(PassThrough(*pipeline, {&pipeline->slot(0)}).ok());
  EXPECT_THAT(StageNames(pipeline->slot(0)), ElementsAre("acquire", "decode", "preprocess#1", "infer"));
}

TEST_F(PoolingPipelineTest, MapsThatAreNoNumbersNameThePictureAndTheProposal) {
  const auto pipeline = MustMake(Spec(1));
  ASSERT_NE(pipeline, nullptr);
  std::vector<float>& scores = TheScript().outputs[3].values;
  std::fill(scores.begin(), scores.end(), std::numeric_limits<float>::quiet_NaN());
  const Status status = PassThrough(*pipeline, {&pipeline->slot(0)});
  ASSERT_FALSE(status.ok());
  EXPECT_THAT(status.error().message(), HasSubstr(std::string(pipeline->slot(0).frame.name) + ": "));
  EXPECT_THAT(status.error().message(), HasSubstr("the scores of proposal 0, column 0"));
}

TEST_F(PoolingPipelineTest, SaysWhereTheMapsDoNotFit) {
  stages_.bins = 3;
  EXPECT_THAT(
      Make(Spec(1), source_.get()).error().message(),
      HasSubstr("output 'box_map' has shape ?x16x5x4; position-sensitive maps are of 36 channels here, "
                "3x3 bins of 4 numbers of 1 classes"));
  stages_.bins = 2;
  PipelineSpec spec = Spec(1);
  spec.task.classes = 1;
  EXPECT_THAT(Make(spec, source_.get()).error().message(), HasSubstr("the description has 1 classes"));
}

}  // namespace
}  // namespace sightline::pipeline
