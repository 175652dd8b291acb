// Detectors that decode and suppress their boxes themselves, as TF-OD exports them, as a user runs them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "backends/tensorflow/tests/file_maker.h"
#include "tests/end_to_end/program.h"

namespace sightline::end_to_end {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using Json = nlohmann::json;

constexpr const char* kOutputs =
    "[\"detection_boxes:0\", \"detection_classes:0\", \"detection_scores:0\", \"num_detections:0\"]";

// A frozen graph with a description beside it; `changes` are further lines of it.
class FinishedBoxesTest : public testing::Test {
 protected:
  std::string Describe(const std::string& changes, const std::string& outputs = kOutputs) {
    tensorflow::WriteFile(folder_ / "detector.pb", tensorflow::MakeDetectorGraphDef());
    std::ofstream(folder_ / "detector.yaml")
        << "sightline_model: 1\nfile: detector.pb\ntask: detection\n"
        << "finished_boxes: {}\nbackground_class: true\noutputs: " << outputs << "\n"
        << changes << "\n";
    return folder_ / "detector.yaml";
  }
  static Finished Run(const std::string& description, const std::string& flags = "") {
    return RunProgram("run -m " + description +
                      " --backend tensorflow --threads 1 --iterations 4 --warm-up 0s --quiet " + flags +
                      " --input tests/data/pictures");
  }
  std::string operator/(const std::string& name) const { return folder_ / name; }

 private:
  TemporaryFolder folder_;
};

TEST_F(FinishedBoxesTest, AreCountedNamedAndOfThePicture) {
  const std::string model =
      Describe("labels: [red, green, blue]\nnms: {score_threshold: 0.3}\ninput: {like: raw}");
  const Finished f = Run(model, "-b 2 --max-detections 6 --json - --save-frames " + (*this / "drawn"));
  ASSERT_EQ(f.exit_code, 0) << f.err;
  const Json r = Json::parse(f.out);
  EXPECT_EQ(r["manifest"]["model"]["postprocess"],
            "finished boxes, 4 classes (0 is background); score above 0.3, NMS in the model, 100 boxes a "
            "class, 6 in "
            "all");
  EXPECT_THAT(r["manifest"]["model"]["preprocess"].get<std::string>(), Not(HasSubstr("minus")));
  EXPECT_FALSE(r.contains("candidates_before_nms")) << "the model doesn't tell";
  EXPECT_GT(r["candidates_after_nms"]["mean"], 0);
  EXPECT_LE(r["candidates_after_nms"]["max"], 6);
  ASSERT_GE(r["pictures"].size(), 4U);
  for (const Json& picture : r["pictures"]) {
    for (const Json& d : picture["detections"]) {
      EXPECT_GT(d["score"], 0.3);
      EXPECT_NEAR(d["right"].get<double>() - d["left"].get<double>(), 0.25, 1e-6) << "a cell of the picture";
      EXPECT_THAT(d["label"].get<std::string>(), testing::AnyOf("red", "green", "blue"));
    }
  }
  EXPECT_EQ(r["pictures"][2]["picture"], "coffee.jpg");
  EXPECT_EQ(r["pictures"][2]["detections"][0]["label"], "red") << "a red cloth under a cup";
  EXPECT_THAT(Contents(*this / "drawn/astronaut.jpg"), Not(testing::IsEmpty()));
}

TEST_F(FinishedBoxesTest, TheReportSaysWhoseSuppressionItIs) {
  const Finished f = Run(Describe("classes: 4\nnms: {score_threshold: 0.3}"));
  ASSERT_EQ(f.exit_code, 0) << f.err;
  EXPECT_THAT(f.out, HasSubstr("a picture above the score threshold; NMS is the model's"));
  const Finished none = Run(Describe("classes: 4"), "--score-threshold 0.99999");
  EXPECT_EQ(none.exit_code, 0) << none.err;
  EXPECT_THAT(none.out, HasSubstr("[no_candidates]"));
}

TEST_F(FinishedBoxesTest, WhatDoesNotFitIsOneSentence) {
  const Finished classes = Run(Describe("input: {like: raw}"));
  EXPECT_EQ(classes.exit_code, 2);
  EXPECT_THAT(classes.err,
              HasSubstr("how many classes there are is not in the model's outputs; add classes: or labels:"));
  const Finished fewer = Run(Describe("classes: 2"));
  EXPECT_EQ(fewer.exit_code, 2) << fewer.out;
  EXPECT_THAT(fewer.err, HasSubstr("and the description has classes 1 to 1, 0 being the background"));
  const Finished iou = Run(Describe("classes: 4"), "--iou-threshold 0.5");
  EXPECT_EQ(iou.exit_code, 2);
  EXPECT_THAT(iou.err, HasSubstr("--iou-threshold is for boxes that are suppressed here"));
  const Finished missing = Run(Describe("classes: 4", "[a:0, b:0, c:0, d:0]"));
  EXPECT_EQ(missing.exit_code, 2);
  EXPECT_THAT(missing.err, HasSubstr("reads output 'a:0', which the model does not have"));
}

}  // namespace
}  // namespace sightline::end_to_end
