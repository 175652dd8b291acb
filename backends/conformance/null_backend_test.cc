// The null backend as a server of known service time.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "backends/conformance/harness.h"
#include "src/base/clock.h"

namespace sightline::conformance {
namespace {

using std::chrono::milliseconds;

using Options = std::map<std::string, std::string>;

// An instance of the null backend on a network with batches up to 3, with tensors for it.
class NullBackendTest : public testing::Test {
 protected:
  void Make(const Options& values) {
    auto backend = backend::Backend::Load("null");
    ASSERT_TRUE(backend.ok()) << backend.error().message();
    backend::EngineOptions options;
    options.max_batch = 3;
    options.options = values;
    auto engine = (*backend)->CreateEngine({"mixed", &Mixed().network, {}}, options);
    ASSERT_TRUE(engine.ok()) << engine.error().message();
    engine_ = *engine;
    instance_ = engine_->CreateInstance().value();
  }
  Status Run(int64_t batch) {
    std::vector<TensorView> inputs;
    std::vector<TensorView> outputs;
    std::vector<GuardedTensor> memory;
    for (const TensorInfo& info : engine_->info().inputs)
      inputs.push_back(memory.emplace_back(info, batch).view());
    for (const TensorInfo& info : engine_->info().outputs)
      outputs.push_back(memory.emplace_back(info, batch).view());
    return instance_->Run(inputs, outputs);
  }
  Nanoseconds DurationOf(int64_t batch) {
    const TimePoint begin = clock_.Now();
    EXPECT_TRUE(Run(batch).ok());
    return clock_.Now() - begin;
  }

  SteadyClock clock_;
  std::shared_ptr<backend::Engine> engine_;
  std::unique_ptr<backend::Instance> instance_;
};

TEST_F(NullBackendTest, ARunTakesAtLeastItsDelay) {
  for (const char* mode : {"sleep", "spin"}) {
    Make({{"delay_us", "2000"}, {"delay_mode", mode}});
    EXPECT_GE(DurationOf(1), milliseconds(2)) << mode;
  }
}

TEST_F(NullBackendTest, DelayPerItemFollowsTheBatch) {
  Make({{"delay_us", "1000"}, {"delay_per_item_us", "2000"}});
  EXPECT_GE(DurationOf(3), milliseconds(7));
}

TEST_F(NullBackendTest, OneCancelEndsALongRun) {
  for (const char* mode : {"sleep", "spin"}) {
    Make({{"delay_us", "3600000000"}, {"delay_mode", mode}});
    const uint64_t run = instance_->next_run();
    std::thread canceller([&] { instance_->Cancel(run); });
    const Status status = Run(1);
    canceller.join();
    ASSERT_FALSE(status.ok()) << mode;
    EXPECT_EQ(status.error().kind(), ErrorKind::kCancelled);
    EXPECT_THAT(status.error().message(), testing::EndsWith("cancelled on request"));
  }
}

TEST_F(NullBackendTest, LayoutOfPicturesIsAnOption) {
  Make({{"layout", "nhwc"}});
  EXPECT_EQ(engine_->info().inputs[0].layout, SL_LAYOUT_NHWC);
  EXPECT_EQ(engine_->info().inputs[0].shape, (Shape{-1, 11, 9, 3}));
  Make({});
  EXPECT_EQ(engine_->info().inputs[0].layout, SL_LAYOUT_NCHW);
}

TEST_F(NullBackendTest, DelaysThatAreNoDelaysAreRefused) {
  auto backend = backend::Backend::Load("null");
  ASSERT_TRUE(backend.ok()) << backend.error().message();
  backend::EngineOptions options;
  options.options = {{"delay_us", "soon"}};
  EXPECT_THAT((*backend)->CreateEngine({"mixed", &Mixed().network, {}}, options).error().message(),
              testing::HasSubstr("option delay_us of backend null is 0..3600000000, not 'soon'"));
}

}  // namespace
}  // namespace sightline::conformance
