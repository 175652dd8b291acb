#include "src/study/trial_arguments.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sightline::study {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsSupersetOf;
using ::testing::Not;
using ::testing::StartsWith;

RunManifest Example() {
  RunManifest manifest;
  manifest.trial.model = "my models/net.onnx";
  manifest.trial.backend = "tensorflow";
  manifest.trial.batch = 4;
  manifest.trial.pin = {0, 1};
  manifest.trial.backend_options["layout"] = "nhwc";
  manifest.trial.jpeg_scaling = true;
  manifest.trial.input = "photos";
  manifest.trial.labels = "names.txt";
  manifest.limits = RunLimits{.warm_up = std::chrono::milliseconds(250),
                              .duration = std::chrono::seconds(5),
                              .iterations = 30,
                              .stop_when = StopGoal{.quantity = Quantity::kThroughput, .half_width = 0.05}};
  return manifest;
}

TEST(ArgumentsToRepeat, AreEveryFactorAndHowLong) {
  EXPECT_THAT(
      ArgumentsToRepeat(Example()),
      IsSupersetOf({"--model=my models/net.onnx", "--backend=tensorflow", "--device=cpu", "--precision=fp32",
                    "--batch=4", "--pin=0,1", "--option=layout=nhwc", "--jpeg-scaling", "--input=photos",
                    "--scenario=single-stream", "--duration=5s", "--warm-up=250ms", "--iterations=30",
                    "--stop-quantity=throughput_per_s", "--stop-half-width=5%"}));
}

TEST(ArgumentsToRepeat, LeaveOutWhatTheFrameworkChoseAndWhereResultsWent) {
  EXPECT_THAT(ArgumentsToRepeat(Example()),
              AllOf(Not(Contains(StartsWith("--threads"))), Not(Contains(StartsWith("--labels")))));
}

TEST(ArgumentsToRepeat, HaveTheThresholdsThatWereSet) {
  RunManifest manifest = Example();
  EXPECT_THAT(ArgumentsToRepeat(manifest), Not(Contains(StartsWith("--score-threshold"))));
  manifest.trial.score_threshold = 1e-8;
  manifest.trial.iou_threshold = 0.45;
  manifest.trial.max_detections = 20;
  manifest.trial.proposals = 50;
  EXPECT_THAT(ArgumentsToRepeat(manifest), IsSupersetOf({"--score-threshold=1e-08", "--iou-threshold=0.45",
                                                         "--max-detections=20", "--proposals=50"}));
}

TEST(ArgumentsToRepeat, CalibrateAsBefore) {
  RunManifest manifest = Example();
  EXPECT_THAT(ArgumentsToRepeat(manifest),
              AllOf(Not(Contains(StartsWith("--calibration="))), Contains("--calibration-pictures=32")));
  manifest.trial.precision = SL_I8;
  manifest.trial.calibration = "other photos";
  manifest.trial.calibration_pictures = 8;
  EXPECT_THAT(ArgumentsToRepeat(manifest),
              IsSupersetOf({"--precision=int8", "--calibration=other photos", "--calibration-pictures=8"}));
}

TEST(ArgumentsToRepeat, LeaveTheLimitsToRunWhereTheyAreNotKnown) {
  RunManifest manifest = Example();
  manifest.limits.reset();
  EXPECT_THAT(ArgumentsToRepeat(manifest), Not(Contains(StartsWith("--duration"))));
}

TEST(NormalizedArguments, AreThoseOfAPlan) {
  EXPECT_THAT(NormalizedArguments({"-m", "net.onnx", "-b4", "--backend", "null", "--option", "layout=nhwc",
                                   "--jpeg-scaling", "--input=photos", "-d=cpu", "--threads", "2"})
                  .value(),
              ElementsAre("--model=net.onnx", "--batch=4", "--backend=null", "--option=layout=nhwc",
                          "--jpeg-scaling", "--input=photos", "--device=cpu", "--threads=2"));
}

TEST(NormalizedArguments, RefuseWhereResultsGo) {
  const auto refused = NormalizedArguments({"-m", "net.onnx", "--json", "r.json"});
  ASSERT_FALSE(refused.ok());
  EXPECT_THAT(refused.error().message(), ::testing::HasSubstr("--json among the arguments of the trial"));
  EXPECT_FALSE(NormalizedArguments({"-m", "net.onnx", "--save-frames", "drawn"}).ok());
}

TEST(WithDuration, ReplacesWhatEndsARun) {
  EXPECT_THAT(WithDuration({"--model=m", "--duration=10s", "--iterations=5", "--stop-quantity=latency_ns_p50",
                            "--warm-up=0s"},
                           "1s"),
              ElementsAre("--model=m", "--warm-up=0s", "--duration=1s"));
}

}  // namespace
}  // namespace sightline::study
