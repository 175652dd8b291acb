#include "src/cli/truth.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace sightline::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TaskSpec Classification() {
  TaskSpec task;
  task.labels = {"red", "green", "blue, light"};
  task.classes = 3;
  return task;
}

TaskSpec Detector() {
  TaskSpec task = Classification();
  task.task = Task::kDetection;
  return task;
}

class TruthTest : public ::testing::Test {
 public:
  TruthTest() { std::filesystem::create_directories(folder_); }
  ~TruthTest() override { std::filesystem::remove_all(folder_); }
  TruthTest(const TruthTest&) = delete;
  TruthTest& operator=(const TruthTest&) = delete;

 protected:
  std::string File(const std::string& name, const std::string& text) {
    const std::string path = (folder_ / name).string();
    std::ofstream(path) << text;
    return path;
  }
  static std::string ErrorOf(const std::string& spec, const TaskSpec& task) {
    const auto truth = Truth::Read(spec, task);
    return truth.ok() ? "no error" : truth.error().message();
  }

 private:
  std::filesystem::path folder_ = std::filesystem::path(testing::TempDir()) / "sightline_truth_test";
};

TEST_F(TruthTest, TakesTheFolderForTheClass) {
  const auto truth = Truth::Read("", Classification());
  ASSERT_TRUE(truth.ok());
  EXPECT_EQ(truth->Of("photos/green/1.jpg")->class_index, 1);
  EXPECT_EQ(truth->Of("photos/2/1.jpg")->class_index, 2);
  EXPECT_THAT(
      truth->Of("photos/gren/1.jpg").error().message(),
      HasSubstr("folder of photos/gren/1.jpg: 'gren' is not a class of this model; did you mean 'green'?"));
  EXPECT_THAT(truth->Of("photos/3/1.jpg").error().message(), HasSubstr("'3' is not a class of this model"));
}

TEST_F(TruthTest, ReadsLinesOfPictureAndClass) {
  const auto truth = Truth::Read(File("t.csv", "a.jpg,red\r\n\nsub/b,c.jpg,1\n"), Classification());
  ASSERT_TRUE(truth.ok()) << truth.error().message();
  EXPECT_EQ(truth->Of("x/a.jpg")->class_index, 0);
  EXPECT_EQ(truth->Of("x/b,c.jpg")->class_index, 1);
  EXPECT_THAT(truth->Of("x/d.jpg").error().message(), HasSubstr("says nothing of d.jpg; add it"));
}

TEST_F(TruthTest, ReadsCocoInFractionsOfThePicture) {
  const auto truth = Truth::Read(File("t.json", R"({
      "images": [{"id": 7, "file_name": "a.jpg", "width": 200, "height": 100},
                 {"id": 8, "file_name": "b.jpg", "width": 10, "height": 10}],
      "categories": [{"id": 18, "name": "green"}, {"id": 90, "name": "yellow"}],
      "annotations": [{"image_id": 7, "category_id": 18, "bbox": [20, 10, 100, 50], "iscrowd": 1},
                      {"image_id": 7, "category_id": 90, "bbox": [0, 0, 1, 1]}]})"),
                                 Detector());
  ASSERT_TRUE(truth.ok()) << truth.error().message();
  const auto a = truth->Of("photos/a.jpg");
  ASSERT_TRUE(a.ok());
  ASSERT_EQ(a->boxes.size(), 1);
  EXPECT_EQ(a->boxes[0].class_index, 1);
  EXPECT_TRUE(a->boxes[0].crowd);
  EXPECT_EQ(a->boxes[0].box, (Box{0.1F, 0.1F, 0.6F, 0.6F}));
  EXPECT_TRUE(truth->Of("b.jpg")->boxes.empty());
  EXPECT_THAT(truth->unknown_classes(), ElementsAre("yellow"));
}

TEST_F(TruthTest, SaysWhatIsWrong) {
  EXPECT_THAT(ErrorOf("", Detector()), HasSubstr("give an instances .json file"));
  EXPECT_THAT(ErrorOf("x.json", Classification()), HasSubstr("COCO's annotations are for detectors"));
  EXPECT_THAT(ErrorOf("no/such.csv", Classification()), HasSubstr("--truth no/such.csv: can't be read"));
  EXPECT_THAT(ErrorOf("no/such.json", Detector()), HasSubstr("--truth no/such.json: can't be read"));
  EXPECT_THAT(ErrorOf(File("t.csv", "a.jpg\n"), Classification()),
              HasSubstr("t.csv:1: 'a.jpg' has no comma; each line is picture,class"));
  EXPECT_THAT(ErrorOf(File("t.csv", "a.jpg,red\na.jpg,red\n"), Classification()),
              HasSubstr("t.csv:2: a.jpg has a line already"));
  EXPECT_THAT(ErrorOf(File("t.csv", "a.jpg,x\n"), Classification()),
              HasSubstr("t.csv:1: 'x' is not a class of this model; the model has 3 classes"));
  EXPECT_THAT(ErrorOf(File("t.json", "{"), Detector()), HasSubstr("t.json: is not COCO's instances format"));
  EXPECT_THAT(
      ErrorOf(File("t.json", R"({"images": [], "annotations": [], "categories": [{"id": 1, "name": "x"}]})"),
              Detector()),
      HasSubstr("t.json: 'x' is not a class of this model"));
}

}  // namespace
}  // namespace sightline::cli
