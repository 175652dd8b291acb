// Detection networks, as a user runs them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "tests/end_to_end/program.h"

namespace sightline::end_to_end {
namespace {

using ::testing::HasSubstr;
using Json = nlohmann::json;

const std::string kPictures = " --input tests/data/pictures";
const std::string kQuick = " --threads 1 --iterations 4 --warm-up 0s --quiet" + kPictures;

std::set<std::string> FilesIn(const std::string& folder) {
  std::set<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    names.insert(entry.path().filename().string());
  return names;
}

TEST(Detection, FindsCountsAndDraws) {
  const TemporaryFolder folder;
  const Finished f = RunProgram(
      "run -m ssd_mobilenet_v1_300 --backend opencv --max-detections 30 --json - "
      "--records " +
      (folder / "records.csv") + " --save-frames " + (folder / "drawn") + kQuick);
  ASSERT_EQ(f.exit_code, 0) << f.err;
  const Json r = Json::parse(f.out);
  EXPECT_EQ(r["manifest"]["model"]["task"], "detection");
  EXPECT_THAT(r["manifest"]["model"]["postprocess"].get<std::string>(), HasSubstr("1917 anchors"));
  EXPECT_EQ(r["manifest"]["trial"]["max_detections"], 30);
  EXPECT_GT(r["candidates_before_nms"]["mean"], 0);
  EXPECT_LE(r["candidates_after_nms"]["max"], 30);
  EXPECT_LE(r["candidates_after_nms"]["mean"], r["candidates_before_nms"]["mean"]);
  ASSERT_EQ(r["pictures"].size(), 4U);
  EXPECT_EQ(r["pictures"][0]["picture"], "astronaut.jpg");
  const Json& found = r["pictures"][0]["detections"];
  EXPECT_LE(found.size(), 30U);
  for (const Json& d : found) {
    EXPECT_GT(d["score"], 0.3) << "as published";
    EXPECT_LT(d["left"], d["right"]);
    EXPECT_LT(d["top"], d["bottom"]);
    EXPECT_NE(d["label"], "background");
  }
  EXPECT_THAT(Contents(folder / "records.csv"), HasSubstr("candidates_before_nms"));
  EXPECT_EQ(FilesIn(folder / "drawn"),
            (std::set<std::string>{"astronaut.jpg", "chelsea.png", "coffee.jpg", "rocket.jpg"}));
}

TEST(Detection, ThresholdsDecideWhatIsFound) {
  const auto before_nms = [](const std::string& threshold) {
    const Finished f = RunProgram("run -m ssd_mobilenet_v1_300 --backend opencv --json - --score-threshold " +
                                  threshold + kQuick);
    EXPECT_EQ(f.exit_code, 0) << f.err;
    return Json::parse(f.out)["candidates_before_nms"]["mean"].get<double>();
  };
  EXPECT_GT(before_nms("0.2"), before_nms("0.4"));
  const Finished none =
      RunProgram("run -m ssd_mobilenet_v1_300 --backend opencv --score-threshold 0.9999999" + kQuick);
  EXPECT_EQ(none.exit_code, 0) << none.err;
  EXPECT_THAT(none.out, HasSubstr("[no_candidates]"));
  EXPECT_THAT(none.out, HasSubstr("astronaut.jpg: nothing"));
}

TEST(Detection, BackendsAgreeOnWhatIsFound) {
  const Finished f = RunProgram(
      "verify -m ssdlite_mobilenet_v2_300 --backend opencv,tensorflow --pictures 2 --json" + kPictures);
  ASSERT_EQ(f.exit_code, 0) << f.out << f.err;
  const Json rows = Json::parse(f.out);
  EXPECT_EQ(rows[0]["agree"], true);
  EXPECT_GT(rows[0]["detections"], 0);
  EXPECT_LT(rows[0]["output_difference_max"], 1e-3);
}

// The null backend's zeros make every pair of a proposal and a class a candidate, of a square picture, which
// fills the input.
TEST(Detection, RfcnPoolsItsProposals) {
  const TemporaryFolder folder;
  const Finished f = RunProgram("run -m rfcn_resnet101 --backend null --proposals 20 --json - --records " +
                                (folder / "records.csv") + kQuick);
  ASSERT_EQ(f.exit_code, 0) << f.err;
  const auto r = nlohmann::ordered_json::parse(f.out);
  std::vector<std::string> stages;
  for (const auto& [name, figures] : r["stages"].items()) stages.push_back(name);
  EXPECT_THAT(stages, ::testing::ElementsAre("acquire", "decode", "preprocess#1", "infer", "postprocess#1",
                                             "preprocess#2", "postprocess#2"));
  EXPECT_EQ(r["candidates_before_nms"]["max"], 20 * 90);
  EXPECT_THAT(r["manifest"]["model"]["postprocess"].get<std::string>(),
              HasSubstr("20 proposals pooled in 3x3 bins at 18x18 points"));
  const std::string records = Contents(folder / "records.csv");
  EXPECT_LT(records.find("postprocess#1_begin_ns"), records.find("preprocess#2_begin_ns"));
}

TEST(Detection, FramesOfOneNameAreToldApart) {
  const TemporaryFolder folder;
  const Finished f = RunProgram(
      "run -m yolov3_tiny_416 --backend null --input synthetic:64x48 --iterations 3 "
      "--warm-up 0s --quiet --json - --save-frames " +
      (folder / "drawn"));
  ASSERT_EQ(f.exit_code, 0) << f.err;
  const Json pictures = Json::parse(f.out)["pictures"];
  ASSERT_GE(pictures.size(), 3U);
  EXPECT_THAT(pictures[0]["picture"].get<std::string>(), ::testing::StartsWith("frame "));
  EXPECT_NE(pictures[0]["picture"], pictures[1]["picture"]);
  const auto files = FilesIn(folder / "drawn");
  EXPECT_GE(files.size(), 3U);
  EXPECT_THAT(files, ::testing::Each(::testing::MatchesRegex("synthetic_64x48_[0-9]+\\.jpg")));
}

TEST(Detection, ClassifiersPicturesAreDrawnOnToo) {
  const TemporaryFolder folder;
  const Finished f = RunProgram(
      "run -m mobilenet_v1_0.25_128 --backend null --iterations 4 --warm-up 0s --quiet --save-frames " +
      (folder / "drawn") + kPictures);
  ASSERT_EQ(f.exit_code, 0) << f.err;
  EXPECT_EQ(FilesIn(folder / "drawn").size(), 4U);
}

TEST(Detection, WhatCanNotBeMeantIsRefused) {
  const std::string run = "run -m ssd_mobilenet_v1_300 --backend null" + kPictures;
  for (const auto& [flags, sentence] :
       {std::pair{" --score-threshold 1", "--score-threshold is 1; it must be from 0 to below 1"},
        std::pair{" --iou-threshold 0", "--iou-threshold is 0; it must be above 0"},
        std::pair{" --max-detections 0", "--max-detections is 0; it must be at least 1"},
        std::pair{" --save-frames tests/data/model.scripted", "model.scripted is no folder"}}) {
    const Finished f = RunProgram(run + flags);
    EXPECT_EQ(f.exit_code, 2);
    EXPECT_THAT(f.err, HasSubstr(sentence));
  }
  const Finished other =
      RunProgram("run -m squeezenet_1.1 --backend null --quiet --iou-threshold 0.5" + kPictures);
  EXPECT_EQ(other.exit_code, 2);
  EXPECT_THAT(
      other.err,
      HasSubstr("--iou-threshold is for detection networks, and squeezenet_1.1 is for classification"));
}

// Weights that are no numbers, in the middle of the classifier's, which are the second half of the file.
// (OpenCV's softmax makes numbers of them again.)
TEST(Detection, OutputsThatAreNoNumbersAreAFinding) {
  const TemporaryFolder folder;
  const std::string file = folder / "broken.onnx";
  ASSERT_EQ(RunProgram("models mobilenet_v1_0.25_128 --export " + file).exit_code, 0);
  std::fstream model(file, std::ios::binary | std::ios::in | std::ios::out);
  model.seekp(static_cast<std::streamoff>(std::filesystem::file_size(file) * 3 / 4));
  model << std::string(64, '\xFF');
  model.close();
  const Finished f = RunProgram("run -m " + file + " --backend tensorflow --json -" + kQuick);
  EXPECT_EQ(f.exit_code, 3) << f.err;
  EXPECT_THAT(f.err, HasSubstr("partial result kept: "));
  EXPECT_THAT(f.err, HasSubstr("not a number or infinite"));
  const Json r = Json::parse(f.out);
  EXPECT_EQ(r["frames"], 0);
  std::vector<std::string> names;
  for (const Json& finding : r["findings"]) names.push_back(finding["name"]);
  EXPECT_THAT(names, ::testing::IsSupersetOf({"nothing_measured", "outputs_not_finite"}));
}

}  // namespace
}  // namespace sightline::end_to_end
