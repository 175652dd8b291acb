// What a backend declares it can do beside computing: stamps, profiles, cancelling.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <thread>

#include "backends/conformance/harness.h"
#include "src/base/clock.h"

namespace sightline::conformance {
namespace {

class Control : public ConformanceTest {
 protected:
  // Inputs of 0.5 and outputs for batch 1.
  void MakeTensors(const backend::EngineInfo& info) {
    for (const TensorInfo& input : info.inputs) inputs_.emplace_back(input, 1);
    for (const TensorInfo& output : info.outputs) outputs_.emplace_back(output, 1);
    for (const GuardedTensor& input : inputs_) {
      std::fill_n(input.view().f32(), input.view().shape.elements(), 0.5F);
      input_views_.push_back(input.view());
    }
    for (const GuardedTensor& output : outputs_) output_views_.push_back(output.view());
  }

  std::vector<GuardedTensor> inputs_;
  std::vector<GuardedTensor> outputs_;
  std::vector<TensorView> input_views_;
  std::vector<TensorView> output_views_;
};
INSTANTIATE_TEST_SUITE_P(Backends, Control, testing::ValuesIn(BuiltBackends()), TestName);

TEST_P(Control, SpansLieInsideTheCall) {
  const auto engine = MakeEngine(Mixed().network);
  const auto instance = MakeInstance(*engine);
  MakeTensors(engine->info());
  const SteadyClock clock;
  for (int run = 0; run < 3; ++run) {
    SlRunReport report;
    const int64_t begin_ns = clock.NowNs();
    ASSERT_TRUE(instance->Run(input_views_, output_views_, &report).ok());
    const int64_t end_ns = clock.NowNs();
    EXPECT_EQ(report.span_count > 0, Has(SL_FEATURE_SPANS));
    ASSERT_LE(report.span_count, SL_MAX_SPANS);
    for (const SlSpan& span : std::span(report.spans, static_cast<size_t>(report.span_count))) {
      EXPECT_GE(span.sub_stage, SL_SUB_STAGE_BIND);
      EXPECT_LE(span.sub_stage, SL_SUB_STAGE_COLLECT);
      EXPECT_LE(begin_ns, span.begin_ns);
      EXPECT_LE(span.begin_ns, span.end_ns);
      EXPECT_LE(span.end_ns, end_ns);
    }
  }
}

TEST_P(Control, ProfileTimesLayers) {
  backend::EngineOptions options;
  options.profile = true;
  if (!Has(SL_FEATURE_PROFILE)) {
    EXPECT_EQ(
        backend_->CreateEngine({"m", &Mixed().network, {}}, OnItsDevice(*quirks_, options)).error().kind(),
        ErrorKind::kUnsupported);
    return;
  }
  const auto engine = MakeEngine(Mixed().network, options);
  const auto instance = MakeInstance(*engine);
  MakeTensors(engine->info());
  int64_t sum_ns = 0;
  std::vector<std::string> layers;
  const Status status = instance->Profile(input_views_, output_views_, [&](const backend::LayerTime& layer) {
    EXPECT_FALSE(layer.name.empty());
    EXPECT_GE(layer.duration_ns, 0) << layer.name;
    sum_ns += layer.duration_ns;
    layers.emplace_back(layer.name);
  });
  ASSERT_TRUE(status.ok()) << status.error().message();
  EXPECT_GT(sum_ns, 0);
  EXPECT_THAT(layers, testing::Contains(testing::HasSubstr("depthwise")));
  const Runner profile = [&](auto inputs, auto outputs) {
    return instance->Profile(inputs, outputs, [](const backend::LayerTime&) {});
  };
  RunAndCheck(profile, engine->info(), Mixed(), *quirks_, 1, 2);    // a profiled run computes the same
  RunAndCheck(*instance, engine->info(), Mixed(), *quirks_, 1, 3);  // an engine made for profiling still runs
}

// The one way a run that was cancelled may end.
MATCHER(IsCancelled, "") {
  const Status& status = arg;
  return !status.ok() && status.error().kind() == ErrorKind::kCancelled;
}

// The end of an asynchronous run, as a future.
struct Ending {
  std::promise<Status> promise;
  std::future<Status> status = promise.get_future();
  std::atomic<int> calls = 0;

  backend::RunDone Done() {
    return [this](const backend::RunEnd& end) {
      if (++calls == 1) promise.set_value(end.status);
    };
  }
};

TEST_P(Control, CancelWithNothingRunningChangesNothing) {
  const auto engine = MakeEngine(Mixed().network);
  const auto instance = MakeInstance(*engine);
  instance->Cancel();
  RunAndCheck(*instance, engine->info(), Mixed(), *quirks_, 1, 1);
}

TEST_P(Control, CancelBeforeTheRunBeginsEndsItAndNoOther) {
  const auto engine = MakeEngine(Mixed().network);
  const auto instance = MakeInstance(*engine);
  MakeTensors(engine->info());
  const uint64_t first = instance->next_run();
  instance->Cancel(first + 1);
  EXPECT_TRUE(instance->Run(input_views_, output_views_).ok());
  const Status second = instance->Run(input_views_, output_views_);
  EXPECT_EQ(testing::Value(second, IsCancelled()), Has(SL_FEATURE_CANCEL));
  instance->Cancel(first);  // over
  instance->Cancel(first + 1);
  RunAndCheck(*instance, engine->info(), Mixed(), *quirks_, 1, 1);
}

// An engine whose runs take an hour, for the backends that have such a thing.
class SlowRun : public Control {
 protected:
  void SetUp() override {
    Control::SetUp();
    backend::EngineOptions options;
    if (!quirks_->slow_option.empty()) {
      options.options[std::string(quirks_->slow_option)] = quirks_->slow_value;
    }
    engine_ = MakeEngine(Mixed().network, options);
    instance_ = MakeInstance(*engine_);
    MakeTensors(engine_->info());
    // Without a slow run, or a way to cancel one, there is nothing to interrupt: it ends by itself.
    endless_ = Has(SL_FEATURE_CANCEL) && !quirks_->slow_option.empty();
  }
  std::shared_ptr<backend::Engine> engine_;
  std::unique_ptr<backend::Instance> instance_;
  bool endless_ = false;
};
INSTANTIATE_TEST_SUITE_P(Backends, SlowRun, testing::ValuesIn(BuiltBackends()), TestName);

// One call, whether it comes before the run or into it.
TEST_P(SlowRun, OneCancelEndsIt) {
  for (int round = 0; round < 3; ++round) {
    const uint64_t run = instance_->next_run();
    std::future<Status> status =
        std::async(std::launch::async, [&] { return instance_->Run(input_views_, output_views_); });
    if (round > 0) std::this_thread::sleep_for(std::chrono::milliseconds(5 * round));
    instance_->Cancel(run);
    const Status end = status.get();
    EXPECT_TRUE(testing::Value(end, IsCancelled()) || (!endless_ && end.ok()));
  }
}

TEST_P(SlowRun, CancelOfAnotherRunDoesNotTouchIt) {
  if (!endless_) return;  // it would end by itself, touched or not
  const uint64_t run = instance_->next_run();
  std::future<Status> status =
      std::async(std::launch::async, [&] { return instance_->Run(input_views_, output_views_); });
  instance_->Cancel(run + 1);
  if (run > 1) instance_->Cancel(run - 1);
  EXPECT_EQ(status.wait_for(std::chrono::milliseconds(20)), std::future_status::timeout);
  instance_->Cancel(run);
  EXPECT_THAT(status.get(), IsCancelled());
}

TEST_P(SlowRun, OneCancelEndsAnAsynchronousRun) {
  if (!Has(SL_FEATURE_ASYNC)) return;
  Ending ending;
  const uint64_t run = instance_->next_run();
  ASSERT_TRUE(instance_->RunAsync(input_views_, output_views_, ending.Done()).ok());
  instance_->Cancel(run);
  const Status end = ending.status.get();
  EXPECT_TRUE(testing::Value(end, IsCancelled()) || (!endless_ && end.ok()));
  instance_.reset();  // the callback has returned
  EXPECT_EQ(ending.calls, 1);
}

TEST_P(Control, AsynchronousRunsComputeTheSame) {
  const auto engine = MakeEngine(Mixed().network);
  const auto instance = MakeInstance(*engine);
  const Runner run = [&](auto inputs, auto outputs) {
    Ending ending;
    const Status begun = instance->RunAsync(inputs, outputs, ending.Done());
    return begun.ok() ? ending.status.get() : begun;
  };
  if (!Has(SL_FEATURE_ASYNC)) {
    MakeTensors(engine->info());
    EXPECT_EQ(run(input_views_, output_views_).error().kind(), ErrorKind::kUnsupported);
    return;
  }
  for (uint64_t seed = 0; seed < 5; ++seed) RunAndCheck(run, engine->info(), Mixed(), *quirks_, 1, seed);
}

// The callback of one run begins the next.
TEST_P(Control, AsynchronousRunsChain) {
  if (!Has(SL_FEATURE_ASYNC)) return;
  const auto engine = MakeEngine(Mixed().network);
  const auto instance = MakeInstance(*engine);
  MakeTensors(engine->info());
  std::promise<int> finished;
  int runs = 0;
  backend::RunDone done = [&](const backend::RunEnd& end) {
    const bool more = end.status.ok() && ++runs < 20;
    if (more && instance->RunAsync(input_views_, output_views_, done).ok()) return;
    finished.set_value(runs);
  };
  ASSERT_TRUE(instance->RunAsync(input_views_, output_views_, done).ok());
  EXPECT_EQ(finished.get_future().get(), 20);
}

}  // namespace
}  // namespace sightline::conformance
