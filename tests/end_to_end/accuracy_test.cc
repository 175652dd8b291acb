// `sightline accuracy` and model descriptions, as a user runs them: a network that tells red from green from
// blue, on pictures of the three colours.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <opencv2/imgcodecs.hpp>

#include "onnx/defs/parser.h"
#include "onnx/onnx_pb.h"
#include "tests/end_to_end/program.h"

namespace sightline::end_to_end {
namespace {

using ::testing::HasSubstr;
using Json = nlohmann::json;

// The mean of each colour, red first: a class each.
void WriteColourNetwork(const std::string& file) {
  onnx::ModelProto model;
  const auto status = onnx::OnnxParser::Parse(model, R"(<ir_version: 7, opset_import: ["" : 10]>
      colours (float[N,3,8,8] picture) => (float[N,3] colours) {
        means = GlobalAveragePool(picture)
        colours = Flatten(means)
      })");
  ASSERT_TRUE(status.IsOK()) << status.ErrorMessage();
  std::ofstream stream(file, std::ios::binary);
  ASSERT_TRUE(model.SerializeToOstream(&stream));
}

class AccuracyTest : public ::testing::Test {
 protected:
  AccuracyTest() {
    WriteColourNetwork(folder_ / "colours.onnx");
    WritePicture("red", "1.png", {0, 0, 250});
    WritePicture("red", "2.png", {90, 0, 100});
    WritePicture("green", "3.png", {0, 200, 0});
    WritePicture("blue", "4.png", {0, 255, 0});  // somebody's slip: it is green
    Write("colours.yaml",
          "sightline_model: 1\nfile: colours.onnx\ntask: classification\nscores: logits\n"
          "labels: [red, green, blue]\ninput: {like: raw, colour: rgb}\n");
  }
  void Write(const std::string& name, const std::string& text) { std::ofstream(folder_ / name) << text; }
  void WritePicture(const std::string& folder, const std::string& name, const cv::Scalar& bgr) {
    std::filesystem::create_directories(folder_ / folder);
    ASSERT_TRUE(cv::imwrite(folder_ / (folder + "/" + name), cv::Mat(8, 8, CV_8UC3, bgr)));
  }
  Finished Accuracy(const std::string& arguments) {
    return RunProgram("accuracy --backend opencv -m " + (folder_ / "colours.yaml") + " " + arguments);
  }

  TemporaryFolder folder_;
};

TEST_F(AccuracyTest, CountsWhatTheFolderSays) {
  const Finished f = Accuracy("--input '" + (folder_ / "*/*.png") + "' -b 3 --json");
  ASSERT_EQ(f.exit_code, 0) << f.err;
  const Json json = Json::parse(f.out);
  EXPECT_EQ(json["pictures"], 4);
  EXPECT_EQ(json["top1_percent"], 75);
  EXPECT_EQ(json["top5_percent"], 100);
  EXPECT_NEAR(json["top1_percent_low"].get<double>(), 30.1, 0.1);  // Wilson's interval of 3 in 4
  EXPECT_NEAR(json["top1_percent_high"].get<double>(), 95.4, 0.1);
}

TEST_F(AccuracyTest, CountsWhatAFileSays) {
  Write("truth.csv", "1.png,red\n2.png,red\n3.png,green\n4.png,green\n");
  const Finished f = Accuracy("--input '" + (folder_ / "*/*.png") + "' --truth " + (folder_ / "truth.csv"));
  ASSERT_EQ(f.exit_code, 0) << f.err;
  EXPECT_THAT(f.out, HasSubstr("colours.yaml on opencv, fp32: right on 4 pictures, with 95 % intervals"));
  EXPECT_THAT(f.out, HasSubstr("top-1     100.0 %  [51.0, 100.0]"));
}

TEST_F(AccuracyTest, ADescriptionNamesTheClassesOfARun) {
  const Finished f = RunProgram("run -q --backend opencv --iterations 5 -m " + (folder_ / "colours.yaml") +
                                " --input " + (folder_ / "green") + " --json -");
  ASSERT_EQ(f.exit_code, 0) << f.err;
  EXPECT_EQ(Json::parse(f.out)["pictures"][0]["label"], "green");
}

TEST_F(AccuracyTest, SaysWhatIsWrongInOneSentence) {
  const auto error = [&](const std::string& arguments) {
    const Finished f = RunProgram("accuracy --backend opencv " + arguments);
    EXPECT_EQ(f.exit_code, 2) << f.out;
    return f.err;
  };
  const std::string pictures = " --input " + (folder_ / "red");
  EXPECT_THAT(error("-m " + (folder_ / "none.yaml") + pictures),
              HasSubstr("is neither a network of the zoo nor a file"));
  Write("lost.yaml", "sightline_model: 1\nfile: lost.onnx\ntask: classification\n");
  EXPECT_THAT(error("-m " + (folder_ / "lost.yaml") + pictures),
              HasSubstr("lost.onnx does not exist; correct file:"));
  Write("size.yaml", "sightline_model: 1\nfile: colours.onnx\ntask: classification\ninput: {size: [9, 8]}\n");
  EXPECT_THAT(error("-m " + (folder_ / "size.yaml") + pictures),
              HasSubstr("the description says that the input is 9 by 8 pixels, the model says 8 by 8"));
  Write("labels.yaml", "sightline_model: 1\nfile: colours.onnx\ntask: classification\nlabels: [a, b]\n");
  EXPECT_THAT(error("-m " + (folder_ / "labels.yaml") + pictures), HasSubstr("labels.yaml: labels: "));
  EXPECT_THAT(error("-m " + (folder_ / "colours.onnx") + pictures),
              HasSubstr("'red' is not a class of this model; the model has no class names"));
  EXPECT_THAT(error("-m " + (folder_ / "colours.yaml") + pictures + " --truth t.json"),
              HasSubstr("COCO's annotations are for detectors"));
}

}  // namespace
}  // namespace sightline::end_to_end
