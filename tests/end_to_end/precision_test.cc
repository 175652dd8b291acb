// `--precision int8` where this program makes the quantized network: backends that read ONNX of opset 13.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/end_to_end/program.h"

namespace sightline::end_to_end {
namespace {

using Json = nlohmann::json;

using ::testing::HasSubstr;

const std::string kInt8 =
    " -m mobilenet_v1_0.25_128 --precision int8 --calibration-pictures 2 --input tests/data/pictures";

// Those of the backends built here that take such a network.
std::vector<std::string> Quantizing() {
  std::vector<std::string> backends;
  for (const std::string backend : {SIGHTLINE_BUILT_BACKENDS}) {
    if (backend == "onnxruntime" || backend == "openvino") backends.push_back(backend);
  }
  return backends;
}

TEST(Precision, Int8IsCalibratedAndHeldAgainstFp32) {
  for (const std::string& backend : Quantizing()) {
    const Finished f = RunProgram("verify --pictures 4 --rounds 2 --json --backend " + backend + kInt8);
    ASSERT_EQ(f.exit_code, 0) << backend << ": " << f.err;
    const Json row = Json::parse(f.out)[0];
    EXPECT_EQ(row["precision_run"], "int8") << backend;
    EXPECT_THAT(row["precision_note"].get<std::string>(), HasSubstr("quantized by Sightline")) << backend;
    EXPECT_EQ(row["pictures"], 4) << backend;
    EXPECT_EQ(row["finite"], true) << backend;
    EXPECT_GT(row["sqnr_db"], 0) << backend << ": more noise than signal";
    EXPECT_GT(row["speedup"], 0) << backend;
    EXPECT_EQ(row["speedup_rounds"], 2) << backend;
    EXPECT_LE(row["speedup_low"], row["speedup"]) << backend;
  }
}

TEST(Precision, ADetectorsBoxesAreCounted) {
  for (const std::string& backend : Quantizing()) {
    const Finished f = RunProgram(
        "verify -m ssd_mobilenet_v1_300 --precision int8 --calibration-pictures 2 --pictures 2 --rounds 0 "
        "--json "
        "--input tests/data/pictures --backend " +
        backend);
    ASSERT_EQ(f.exit_code, 0) << backend << ": " << f.err;
    const Json row = Json::parse(f.out)[0];
    EXPECT_GT(row["detections"], 0) << backend;
    EXPECT_GE(row["detections_overlapping"], row["detections_same"]) << backend;
    EXPECT_GT(row["sqnr_db"], 0) << backend;
    EXPECT_FALSE(row.contains("top1_agreements")) << backend;
    EXPECT_FALSE(row.contains("speedup")) << backend << ": no rounds";
  }
}

TEST(Precision, Int8IsMeasured) {
  for (const std::string& backend : Quantizing()) {
    const Finished f =
        RunProgram("run --quiet --warm-up 0s --iterations 3 --json - --backend " + backend + kInt8);
    ASSERT_EQ(f.exit_code, 0) << backend << ": " << f.err;
    const Json result = Json::parse(f.out);
    EXPECT_EQ(result["manifest"]["backend"]["precision_run"], "int8") << backend;
    EXPECT_THAT(result["manifest"]["backend"]["precision_note"].get<std::string>(),
                HasSubstr("quantized by Sightline"))
        << backend;
    EXPECT_EQ(result["manifest"]["trial"]["calibration_pictures"], 2) << backend;
  }
}

TEST(Precision, Int8IsProfiled) {
  for (const std::string& backend : Quantizing()) {
    const Finished f = RunProgram("profile --quiet --runs 6 --json --backend " + backend + kInt8);
    ASSERT_EQ(f.exit_code, 0) << backend << ": " << f.err;
    const Json profile = Json::parse(f.out);
    EXPECT_EQ(profile["backend"]["precision_run"], "int8") << backend;
    int convolutions = 0;
    for (const Json& layer : profile["layers"]) {
      if (layer.value("macs", int64_t{0}) > 0 && layer["duration_ns_p50"] > 0) ++convolutions;
    }
    EXPECT_EQ(convolutions, 28) << backend << ": 27 convolutions and the classifier, each with its time";
  }
}

TEST(Precision, AccuracyInInt8IsAskedOfAQuantizedNetwork) {
  const TemporaryFolder folder;
  std::ofstream(folder / "truth.csv") << "astronaut.jpg,1\nchelsea.png,2\ncoffee.jpg,3\nrocket.jpeg,4\n";
  for (const std::string& backend : Quantizing()) {
    const Finished f = RunProgram("accuracy --json --calibration tests/data/pictures/coffee.jpg --truth " +
                                  (folder / "truth.csv") + " --backend " + backend + kInt8);
    ASSERT_EQ(f.exit_code, 0) << backend << ": " << f.err;
    const Json found = Json::parse(f.out);
    EXPECT_EQ(found["precision_run"], "int8") << backend;
    EXPECT_EQ(found["calibration"], "tests/data/pictures/coffee.jpg") << backend;
    EXPECT_EQ(found["pictures"], 4) << backend;
  }
}

// Every command that calibrates says what is wrong with the calibration, in one sentence.
TEST(Precision, PicturesToCalibrateByHaveToBeThere) {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder / "empty");
  for (const std::string& backend : Quantizing()) {
    for (const std::string command :
         {"run --quiet --iterations 3", "verify", "profile --quiet", "accuracy"}) {
      const std::string with = command + " --backend " + backend + kInt8 + " --calibration ";
      const Finished missing = RunProgram(with + "no/such/folder");
      EXPECT_EQ(missing.exit_code, 2) << command;
      EXPECT_THAT(missing.err, HasSubstr("calibrating for int8: the input no/such/folder does not exist"))
          << command;
      const Finished empty = RunProgram(with + (folder / "empty"));
      EXPECT_EQ(empty.exit_code, 2) << command;
      EXPECT_THAT(empty.err,
                  HasSubstr("calibrating for int8: the folder " + (folder / "empty") + " is empty"))
          << command;
      EXPECT_EQ(std::count(empty.err.begin(), empty.err.end(), '\n'), 1) << empty.err;
      EXPECT_EQ(empty.out, "");
    }
  }
}

TEST(Precision, DetectorsWithTwoNetworksAreRefusedInt8) {
  for (const std::string& backend : Quantizing()) {
    for (const std::string command : {"run --quiet --iterations 3", "accuracy"}) {
      const Finished f = RunProgram(command +
                                    " -m faster_rcnn_resnet50 --precision int8 --input tests/data/pictures "
                                    "--backend " +
                                    backend);
      EXPECT_EQ(f.exit_code, 2) << command;
      EXPECT_THAT(f.err, HasSubstr("has two networks, one for each stage")) << command;
    }
  }
}

}  // namespace
}  // namespace sightline::end_to_end
