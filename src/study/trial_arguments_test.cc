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
  manifest.command_line =
      "sightline run -m 'my models/net.onnx' --duration 5s --warm-up=0s -b 4 --json r.json --iterations 30";
  return manifest;
}

TEST(ArgumentsToRepeat, AreEveryFactorAndHowLong) {
  EXPECT_THAT(
      ArgumentsToRepeat(Example()),
      IsSupersetOf({"--model=my models/net.onnx", "--backend=tensorflow", "--device=cpu", "--precision=fp32",
                    "--batch=4", "--pin=0,1", "--option=layout=nhwc", "--jpeg-scaling", "--input=photos",
                    "--scenario=single-stream", "--duration=5s", "--warm-up=0s", "--iterations=30"}));
}

TEST(ArgumentsToRepeat, LeaveOutWhatTheFrameworkChoseAndWhereResultsWent) {
  EXPECT_THAT(ArgumentsToRepeat(Example()),
              AllOf(Not(Contains(StartsWith("--threads"))), Not(Contains(StartsWith("--json"))),
                    Not(Contains(StartsWith("--labels")))));
}

TEST(ArgumentsToRepeat, DoWithoutACommandLineThatCannotBeRead) {
  RunManifest manifest = Example();
  manifest.command_line = "sightline run --duration '5s";
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
}

TEST(WithDuration, ReplacesWhatEndsARun) {
  EXPECT_THAT(WithDuration({"--model=m", "--duration=10s", "--iterations=5", "--warm-up=0s"}, "1s"),
              ElementsAre("--model=m", "--warm-up=0s", "--duration=1s"));
}

}  // namespace
}  // namespace sightline::study
