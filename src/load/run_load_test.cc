#include "src/load/run_load.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <set>

#include "tests/fakes/scripted_backend.h"

namespace sightline::load {
namespace {

using sightline::testing::TheScript;
using std::chrono::milliseconds;
using ::testing::HasSubstr;

class RunLoadTest : public ::testing::Test {
 protected:
  void SetUp() override {
    TheScript().Reset();
    auto source = source::OpenSource("synthetic:16x16");
    ASSERT_TRUE(source.ok());
    source_ = std::move(source).value();
  }

  // `lanes` pipelines over the scripted backend.
  void MakePipelines(int lanes, int batch) {
    auto backend = backend::Backend::FromTable(sightline::testing::ScriptedBackend());
    ASSERT_TRUE(backend.ok());
    pipeline::PipelineSpec spec{.max_batch = batch};
    spec.task.preprocess.width = sightline::testing::kScriptedInputSide;
    spec.task.preprocess.height = sightline::testing::kScriptedInputSide;
    backend::EngineOptions options;
    options.max_batch = batch;
    auto engine =
        (*backend)->CreateEngine({.name = "scripted", .file = "tests/data/model.scripted"}, options);
    ASSERT_TRUE(engine.ok()) << engine.error().message();
    for (int i = 0; i < lanes; ++i) {
      auto instance = (*engine)->CreateInstance();
      ASSERT_TRUE(instance.ok());
      auto made = pipeline::Pipeline::Create(spec, (*engine)->info(), true, std::move(instance).value(),
                                             source_.get(), clock_);
      ASSERT_TRUE(made.ok()) << made.error().message();
      owned_.push_back(std::move(made).value());
      pipelines_.push_back(owned_.back().get());
    }
  }
  LoadOutcome Run(const LoadOptions& options) { return RunLoad(pipelines_, options, clock_, stop_); }

  SteadyClock clock_;
  std::atomic<bool> stop_{false};
  std::unique_ptr<source::Source> source_;
  std::vector<std::unique_ptr<pipeline::Pipeline>> owned_;
  std::vector<pipeline::Pipeline*> pipelines_;
};

RunLimits Iterations(int64_t count, int warm_up_batches = 0) {
  return {.warm_up = Nanoseconds(0), .warm_up_batches = warm_up_batches, .duration = {}, .iterations = count};
}

std::map<Phase, int> CountPhases(const LoadOutcome& outcome) {
  std::map<Phase, int> counts;
  for (const RecordLog& lane : outcome.lanes) {
    lane.ForEach([&](const RequestRecord& r, std::span<const StageSpan>) { ++counts[r.phase]; });
  }
  return counts;
}

std::vector<RequestRecord> AllRecords(const LoadOutcome& outcome) {
  std::vector<RequestRecord> records;
  for (const RecordLog& lane : outcome.lanes) {
    lane.ForEach([&](const RequestRecord& r, std::span<const StageSpan>) { records.push_back(r); });
  }
  return records;
}

std::vector<RequestRecord> Measured(const LoadOutcome& outcome) {
  std::vector<RequestRecord> records = AllRecords(outcome);
  std::erase_if(records, [](const RequestRecord& r) { return r.phase != Phase::kMeasure; });
  return records;
}

TEST_F(RunLoadTest, EndsOnceTheLatencyIsKnownWellEnough) {
  MakePipelines(2, 1);
  RunLimits limits = Iterations(10'000'000);
  limits.stop_when = StopGoal{.half_width = 0.9};
  const LoadOutcome outcome = Run({.limits = limits});
  const int measured = CountPhases(outcome)[Phase::kMeasure];
  EXPECT_GE(measured, stats::kTrustedLook) << "the first look";
  EXPECT_LT(measured, 10'000'000) << "the cap";
  EXPECT_TRUE(outcome.goal_reached);
  EXPECT_FALSE(outcome.error.has_value());
}

TEST_F(RunLoadTest, LooksNotBeforeTheFirstLook) {
  MakePipelines(1, 1);
  RunLimits limits = Iterations(10'000'000);
  limits.stop_when = StopGoal{.half_width = 0.9};
  const LoadOutcome outcome = Run({.limits = limits, .first_look = 20'000});
  EXPECT_TRUE(outcome.goal_reached);
  EXPECT_GE(Measured(outcome).size(), 20'000U);
}

TEST_F(RunLoadTest, EndsOnceTheThroughputIsKnownWellEnough) {
  MakePipelines(2, 4);
  RunLimits limits = Iterations(10'000'000);
  limits.stop_when = StopGoal{.quantity = Quantity::kThroughput, .half_width = 0.9};
  for (const Scenario scenario : {Scenario::kSingleStream, Scenario::kMultiStream}) {
    const LoadOutcome outcome = Run({.scenario = scenario, .batch = 4, .limits = limits});
    EXPECT_TRUE(outcome.goal_reached);
    EXPECT_FALSE(outcome.error.has_value());
    EXPECT_GE(Measured(outcome).size(), 100U);
  }
}

TEST_F(RunLoadTest, AQueryIsCompletedOnceTheLatencyIsKnownWellEnough) {
  MakePipelines(2, 1);
  RunLimits limits = Iterations(10'000);
  limits.stop_when = StopGoal{.half_width = 0.9};
  constexpr int kFrames = 20'000;  // the goal is reached by some hundred
  const LoadOutcome outcome =
      Run({.scenario = Scenario::kMultiStream, .frames_per_query = kFrames, .limits = limits});
  EXPECT_TRUE(outcome.goal_reached);
  EXPECT_EQ(Measured(outcome).size() % kFrames, 0U);
}

TEST_F(RunLoadTest, CapsHoldWhereTheLatencyIsNotKnownWellEnough) {
  MakePipelines(1, 1);
  RunLimits limits = Iterations(150);
  limits.stop_when = StopGoal{.quantity = Quantity::kLatencyMean, .half_width = 1e-9};
  const LoadOutcome outcome = Run({.limits = limits});
  EXPECT_EQ(CountPhases(outcome)[Phase::kMeasure], 150);
  EXPECT_FALSE(outcome.goal_reached);
}

TEST_F(RunLoadTest, MeasuresAtLeastAsLongAsAsked) {
  MakePipelines(1, 1);
  RunLimits limits = Iterations(10'000'000);
  limits.stop_when = StopGoal{.half_width = 0.9, .min_duration = milliseconds(50)};
  const LoadOutcome outcome = Run({.limits = limits});
  EXPECT_GE(outcome.measure_end_ns - outcome.measure_begin_ns, Nanoseconds(milliseconds(50)).count());
}

TEST_F(RunLoadTest, SingleStreamMeasuresExactlyTheIterationsAfterTheWarmUp) {
  MakePipelines(1, 2);
  const LoadOutcome outcome = Run({.batch = 2, .limits = Iterations(10, 3)});
  EXPECT_FALSE(outcome.error.has_value());
  auto counts = CountPhases(outcome);
  EXPECT_EQ(counts[Phase::kWarmUp], 3 * 2);
  EXPECT_EQ(counts[Phase::kMeasure], 10 * 2);
  EXPECT_EQ(TheScript().runs, 13);
  std::set<uint64_t> ids;
  for (const RequestRecord& r : Measured(outcome)) {
    ids.insert(r.request_id);
    EXPECT_EQ(r.batch_size, 2);
    EXPECT_LE(r.at(Moment::kScheduled).value(), r.at(Moment::kReleased).value());
    EXPECT_LE(r.at(Moment::kReleased).value(), r.at(Moment::kCompleted).value());
    EXPECT_GE(r.at(Moment::kScheduled).value(), outcome.measure_begin_ns);
    EXPECT_LE(r.at(Moment::kCompleted).value(), outcome.measure_end_ns);
  }
  EXPECT_EQ(ids.size(), 20u) << "request ids are unique";
}

// A sink that keeps nothing but counts.
class CountingSink : public RecordSink {
 public:
  void Append(const RequestRecord& record, std::span<const StageSpan> spans) override {
    ++records;
    instances.insert(record.instance);
    with_spans += spans.empty() ? 0 : 1;
  }
  int records = 0;
  int with_spans = 0;
  std::set<int32_t> instances;
};

TEST_F(RunLoadTest, RecordsGoToTheSinkOfTheirPipeline) {
  MakePipelines(2, 2);
  CountingSink sinks[2];
  RecordSink* const pointers[] = {&sinks[0], &sinks[1]};
  LoadOptions options{.batch = 2, .limits = Iterations(10, 3)};
  options.sinks = pointers;
  const LoadOutcome outcome = Run(options);
  EXPECT_TRUE(outcome.lanes.empty());
  int total = 0;
  for (int i = 0; i < 2; ++i) {
    EXPECT_GE(sinks[i].records, 3 * 2);
    EXPECT_EQ(sinks[i].with_spans, sinks[i].records);
    EXPECT_EQ(sinks[i].instances, std::set<int32_t>{i});
    total += sinks[i].records;
  }
  EXPECT_EQ(total, TheScript().runs * 2);
  EXPECT_GT(outcome.measure_end_ns, outcome.measure_begin_ns);
}

// As one on a full disk.
class FailingSink final : public RecordSink {
 public:
  void Append(const RequestRecord&, std::span<const StageSpan>) override { ++records; }
  bool failed() const override { return records >= 5; }
  int records = 0;
};

TEST_F(RunLoadTest, ASinkThatFailsEndsTheRun) {
  MakePipelines(1, 1);
  FailingSink sink;
  RecordSink* const pointers[] = {&sink};
  LoadOptions options{.limits = Iterations(1'000, 3)};
  options.sinks = pointers;
  const LoadOutcome outcome = Run(options);
  ASSERT_TRUE(outcome.error);
  EXPECT_EQ(outcome.error->message(), "records can't be written any more");
  EXPECT_EQ(sink.records, 5);
}

// Runs out of memory at its fifth frame.
class ThrowingSource final : public source::Source {
 public:
  explicit ThrowingSource(std::unique_ptr<source::Source> inner) : inner_(std::move(inner)) {}
  Status Acquire(Frame& frame) override {
    if (++acquired_ == 5) throw std::bad_alloc();
    return inner_->Acquire(frame);
  }
  Status Visit(int64_t index, Frame& frame) override { return inner_->Visit(index, frame); }
  int64_t pictures() const override { return inner_->pictures(); }
  bool encoded() const override { return inner_->encoded(); }
  std::string description() const override { return inner_->description(); }

 private:
  std::unique_ptr<source::Source> inner_;
  int acquired_ = 0;
};

TEST_F(RunLoadTest, WhatIsThrownEndsTheRunAndKeepsEveryRecord) {
  for (const Scenario scenario : {Scenario::kSingleStream, Scenario::kMultiStream}) {
    source_ = std::make_unique<ThrowingSource>(source::OpenSource("synthetic:16x16").value());
    pipelines_.clear();
    MakePipelines(1, 2);
    const LoadOutcome outcome = Run({.scenario = scenario, .batch = 2, .limits = Iterations(100)});
    ASSERT_TRUE(outcome.error);
    EXPECT_EQ(outcome.error->message(), "a frame could not be handled: std::bad_alloc");
    const auto records = AllRecords(outcome);
    ASSERT_EQ(records.size(), 5U);
    for (size_t i = 0; i < 4; ++i) EXPECT_EQ(records[i].outcome, Outcome::kOk);
    EXPECT_EQ(records[4].outcome, Outcome::kError);
  }
}

TEST_F(RunLoadTest, DurationEndsTheRun) {
  MakePipelines(1, 1);
  const auto begin = clock_.Now();
  const LoadOutcome outcome = Run({.limits = {.warm_up = milliseconds(20),
                                              .warm_up_batches = 1,
                                              .duration = milliseconds(50),
                                              .iterations = {}}});
  EXPECT_GE(clock_.Now() - begin, milliseconds(70));
  EXPECT_GT(Measured(outcome).size(), 0u);
  for (const RequestRecord& r : Measured(outcome)) {
    EXPECT_LT(r.at(Moment::kScheduled).value(), outcome.measure_begin_ns + 50'000'000);
  }
}

TEST_F(RunLoadTest, LanesShareTheSourceAndKeepTheirOwnRecords) {
  MakePipelines(3, 1);
  const LoadOutcome outcome = Run({.limits = Iterations(50, 2)});
  ASSERT_EQ(outcome.lanes.size(), 3u);
  std::set<uint64_t> frames;
  size_t all = 0;
  for (size_t lane = 0; lane < 3; ++lane) {
    outcome.lanes[lane].ForEach([&](const RequestRecord& r, std::span<const StageSpan>) {
      EXPECT_EQ(r.instance, static_cast<int>(lane));
      frames.insert(r.frame_id);
      ++all;
    });
  }
  EXPECT_EQ(frames.size(), all) << "no frame goes to two lanes";
}

TEST_F(RunLoadTest, MultiStreamDealsEachQueryOverTheLanes) {
  MakePipelines(2, 2);
  const LoadOutcome outcome = Run(
      {.scenario = Scenario::kMultiStream, .batch = 2, .frames_per_query = 5, .limits = Iterations(4, 1)});
  EXPECT_FALSE(outcome.error.has_value());
  std::map<uint64_t, std::vector<RequestRecord>> queries;
  for (const RequestRecord& r : Measured(outcome)) queries[r.query_id].push_back(r);
  EXPECT_EQ(queries.size(), 4u);
  for (const auto& [id, records] : queries) {
    ASSERT_EQ(records.size(), 5u);
    std::map<int, int> per_lane;
    for (const RequestRecord& r : records) {
      EXPECT_EQ(r.at(Moment::kScheduled).value(), records[0].at(Moment::kScheduled).value());
      ++per_lane[r.instance];
    }
    EXPECT_EQ(per_lane[0], 3);
    EXPECT_EQ(per_lane[1], 2);
  }
}

TEST_F(RunLoadTest, OfflineSchedulesEverythingAtTheBeginning) {
  MakePipelines(1, 1);
  const LoadOutcome outcome = Run({.scenario = Scenario::kOffline, .limits = Iterations(5)});
  for (const RequestRecord& r : Measured(outcome)) {
    EXPECT_EQ(r.at(Moment::kScheduled).value(), outcome.measure_begin_ns);
  }
  EXPECT_EQ(Measured(outcome).size(), 5u);
}

TEST_F(RunLoadTest, AFailureEndsTheRunAndKeepsEveryRecord) {
  MakePipelines(2, 1);
  TheScript().fail_at_run = 20;
  for (const Scenario scenario : {Scenario::kSingleStream, Scenario::kMultiStream}) {
    TheScript().runs = 0;
    const LoadOutcome outcome = Run({.scenario = scenario, .limits = Iterations(1000)});
    ASSERT_TRUE(outcome.error.has_value());
    EXPECT_THAT(outcome.error->message(), HasSubstr("scripted failure"));
    int errors = 0;
    int good = 0;
    for (const RequestRecord& r : AllRecords(outcome)) {
      ++(r.outcome == Outcome::kOk ? good : errors);
      if (r.outcome == Outcome::kError) {
        EXPECT_EQ(r.reason, OutcomeReason::kBackend);
      }
    }
    EXPECT_EQ(errors, 1);
    // Run 20 failed, 0 to 19 were good; the other lane may have finished one more meanwhile.
    EXPECT_GE(good, 20);
  }
}

// One picture of a batch is broken: its record says so, its mate's that nothing was wrong with it, and the
// third, which was never fetched, has none.
TEST_F(RunLoadTest, EachFrameOfAFailedBatchHasItsOwnOutcome) {
  namespace fs = std::filesystem;
  const fs::path folder = fs::temp_directory_path() / ("run_load_" + std::to_string(getpid()));
  fs::create_directories(folder);
  fs::copy("tests/data/pictures/astronaut.jpg", folder / "a.jpg");
  std::ofstream(folder / "b.jpg") << "no picture";
  fs::copy("tests/data/pictures/astronaut.jpg", folder / "c.jpg");
  source_ = source::OpenSource(folder.string()).value();
  fs::remove_all(folder);
  MakePipelines(1, 3);
  const LoadOutcome outcome = Run({.batch = 3, .limits = Iterations(10)});
  ASSERT_TRUE(outcome.error.has_value());
  const auto records = AllRecords(outcome);
  ASSERT_EQ(records.size(), 2u);
  EXPECT_EQ(records[0].outcome, Outcome::kDropped);
  EXPECT_EQ(records[0].reason, OutcomeReason::kBatch);
  EXPECT_EQ(records[1].outcome, Outcome::kError);
  EXPECT_EQ(records[1].reason, OutcomeReason::kDecode);
  EXPECT_EQ(records[1].picture, 1u);
  EXPECT_EQ(records[1].frame_id, 1u);
  EXPECT_TRUE(records[1].at(Moment::kScheduled).has_value());
}

TEST_F(RunLoadTest, FramesFinishedBeforeTheFailureKeepTheirResult) {
  MakePipelines(1, 3);
  TheScript().broken_position = 1;
  const LoadOutcome outcome = Run({.batch = 3, .limits = Iterations(10)});
  const auto records = AllRecords(outcome);
  ASSERT_EQ(records.size(), 3u);
  EXPECT_EQ(records[0].outcome, Outcome::kOk);
  EXPECT_EQ(records[1].outcome, Outcome::kError);
  EXPECT_EQ(records[1].reason, OutcomeReason::kPostprocess);
  EXPECT_EQ(records[2].outcome, Outcome::kDropped);
}

TEST_F(RunLoadTest, StopAndFailureEndAQueryOfAnySize) {
  MakePipelines(2, 1);
  const LoadOptions options{
      .scenario = Scenario::kMultiStream, .frames_per_query = 1'000'000, .limits = Iterations(1)};
  TheScript().during_run = [this] {
    if (TheScript().runs == 10) stop_ = true;
  };
  EXPECT_TRUE(Run(options).interrupted);
  EXPECT_LE(TheScript().runs, 12);
  stop_ = false;
  TheScript().Reset();
  TheScript().fail_at_run = 10;
  EXPECT_TRUE(Run(options).error.has_value());
  EXPECT_LE(TheScript().runs, 1000) << "the other lane ends soon after";
}

TEST_F(RunLoadTest, StopEndsTheRunAndSaysSo) {
  MakePipelines(1, 1);
  TheScript().during_run = [this] {
    if (TheScript().runs == 10) stop_ = true;
  };
  const LoadOutcome outcome = Run({.limits = Iterations(1'000'000)});
  EXPECT_TRUE(outcome.interrupted);
  EXPECT_EQ(TheScript().runs, 10);
  EXPECT_EQ(Measured(outcome).size(), 10u);
}

}  // namespace
}  // namespace sightline::load
