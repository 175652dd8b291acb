// What a backend declares it can do beside computing: stamps, profiles, cancelling.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <numeric>

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
    EXPECT_EQ(backend_->CreateEngine({"m", &Mixed().network, {}}, options).error().kind(),
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
  RunAndCheck(*instance, engine->info(), Mixed(), *quirks_, 1, 3);  // an engine made for profiling still runs
}

TEST_P(Control, CancelWithNothingRunningChangesNothing) {
  const auto engine = MakeEngine(Mixed().network);
  const auto instance = MakeInstance(*engine);
  instance->Cancel();
  RunAndCheck(*instance, engine->info(), Mixed(), *quirks_, 1, 1);
}

TEST_P(Control, CancelDuringRunsEndsThemOrLeavesThemRight) {
  const auto engine = MakeEngine(Mixed().network);
  const auto instance = MakeInstance(*engine);
  MakeTensors(engine->info());
  std::promise<void> stop;
  std::future<void> stopped = stop.get_future();
  std::thread canceller([&] {
    while (stopped.wait_for(std::chrono::microseconds(50)) == std::future_status::timeout) instance->Cancel();
  });
  for (int run = 0; run < 50; ++run) {
    const Status status = instance->Run(input_views_, output_views_);
    if (status.ok()) continue;
    EXPECT_TRUE(Has(SL_FEATURE_CANCEL));
    EXPECT_EQ(status.error().kind(), ErrorKind::kCancelled) << status.error().message();
  }
  stop.set_value();
  canceller.join();
  RunAndCheck(*instance, engine->info(), Mixed(), *quirks_, 1, 1);
}

}  // namespace
}  // namespace sightline::conformance
