#include "backends/onnxruntime/profile_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sightline::onnxruntime {
namespace {

using testing::HasSubstr;

// As ONNX Runtime writes them: a run for warming up, then the one that counts, whose second convolution has
// no name and whose first node ran twice.
constexpr const char* kTrace = R"([
{"cat":"Session","pid":1,"tid":1,"dur":500,"ts":10,"ph":"X","name":"session_initialization","args":{}},
{"cat":"Node","dur":90,"ts":600,"ph":"X","name":"stem_kernel_time","args":{"op_name":"Conv","node_index":"0"}},
{"cat":"Session","dur":100,"ts":595,"ph":"X","name":"model_run","args":{}},
{"cat":"Node","dur":1,"ts":1001,"ph":"X","name":"stem_fence_before","args":{"op_name":"Conv"}},
{"cat":"Node","dur":7,"ts":1030,"ph":"X","name":"_kernel_time","args":{"op_name":"Conv","node_index":"4"}},
{"cat":"Node","dur":20,"ts":1002,"ph":"X","name":"stem_kernel_time","args":{"op_name":"Conv","node_index":"0"}},
{"cat":"Node","dur":5,"ts":1025,"ph":"X","name":"stem_kernel_time","args":{"op_name":"Conv","node_index":"0"}},
{"cat":"Session","dur":50,"ts":1000,"ph":"X","name":"model_run","args":{}},
{"cat":"Session","dur":45,"ts":1001,"ph":"X","name":"SequentialExecutor::Execute","args":{}}
])";

TEST(LastRunOf, GivesTheLayersOfTheLastRun) {
  const auto times = LastRunOf(kTrace, 5'000'000);
  ASSERT_TRUE(times.ok()) << times.status().message();
  ASSERT_EQ(times->size(), 2u);
  const kit::LayerTime& stem = times->at(0);
  EXPECT_EQ(stem.name, "stem");
  EXPECT_EQ(stem.type, "Conv");
  EXPECT_EQ(stem.duration_ns, 25'000);
  EXPECT_EQ(stem.begin_ns, 5'002'000);
  EXPECT_EQ(stem.call_count, 2);
  EXPECT_EQ(times->at(1).name, "Conv_4");
  EXPECT_EQ(times->at(1).duration_ns, 7'000);
}

TEST(LastRunOf, AQuantizedLayerHasTheNameOfTheOneItWas) {
  const auto times = LastRunOf(
      R"([{"cat":"Session","dur":9,"ts":5,"ph":"X","name":"model_run","args":{}},
      {"cat":"Node","dur":2,"ts":6,"name":"conv0_token_12_kernel_time","args":{"op_name":"QLinearConv"}},
      {"cat":"Node","dur":2,"ts":8,"name":"a_token_1_kernel_time","args":{"op_name":"Conv"}}])",
      0);
  ASSERT_TRUE(times.ok());
  EXPECT_EQ(times->at(0).name, "conv0");
  EXPECT_EQ(times->at(1).name, "a_token_1");
}

TEST(LastRunOf, TracesThatAreNoneAreErrors) {
  EXPECT_THAT(LastRunOf("", 0).status().message(), HasSubstr("no list of events"));
  EXPECT_THAT(LastRunOf("[{\"cat\":", 0).status().message(), HasSubstr("no list of events"));
  EXPECT_THAT(LastRunOf("{}", 0).status().message(), HasSubstr("no list of events"));
  EXPECT_THAT(LastRunOf("[]", 0).status().message(), HasSubstr("holds no run"));
}

TEST(LastRunOf, EventsOfAnotherFormAreLeft) {
  const auto times = LastRunOf(R"([1, "x", {"name": 3}, {"name":"model_run","ts":"soon"},
    {"name":"model_run","ts":5}, {"cat":"Node","name":"a_kernel_time","ts":6},
    {"cat":"Node","name":"b_kernel_time","ts":6,"dur":2}])",
                               0);
  ASSERT_TRUE(times.ok()) << times.status().message();
  ASSERT_EQ(times->size(), 1u);
  EXPECT_EQ(times->at(0).name, "b");
  EXPECT_EQ(times->at(0).type, "");
}

}  // namespace
}  // namespace sightline::onnxruntime
