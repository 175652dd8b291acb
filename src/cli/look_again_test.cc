#include "src/cli/look_again.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <opencv2/imgcodecs.hpp>

#include "src/cli/picture_results.h"
#include "src/cli/save_frames.h"
#include "tests/fakes/scripted_backend.h"

namespace sightline::cli {
namespace {

namespace fs = std::filesystem;
using sightline::testing::TheScript;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// A detector that finds the same in every picture: class 1 in the middle of it.
TaskSpec DetectionTask() {
  TheScript().Reset();
  TheScript().outputs = {{"boxes", {1, 4}, {0, 0, 0, 0}}, {"scores", {1, 2}, {-9, 3}}};
  TaskSpec task;
  task.task = Task::kDetection;
  task.preprocess.width = task.preprocess.height = sightline::testing::kScriptedInputSide;
  task.classes = 2;
  task.detection.emplace();
  SsdSpec ssd;
  ssd.layers.push_back({1, 1, 1, 1, {{0.5F, 0.5F}}});
  task.detection->decoder = ssd;
  task.detection->nms.score_threshold = 0.3F;
  return task;
}

class LookAgainTest : public ::testing::Test {
 protected:
  void Open(const TaskSpec& task, const std::string& input) {
    auto source = source::OpenSource(input);
    ASSERT_TRUE(source.ok()) << source.error().message();
    source_ = std::move(source).value();
    auto backend = backend::Backend::FromTable(sightline::testing::ScriptedBackend());
    ASSERT_TRUE(backend.ok());
    auto engine = (*backend)->CreateEngine({.name = "scripted", .file = "tests/data/model.scripted"}, {});
    ASSERT_TRUE(engine.ok()) << engine.error().message();
    auto instance = (*engine)->CreateInstance();
    ASSERT_TRUE(instance.ok());
    auto made = pipeline::Pipeline::Create({.task = task}, (*engine)->info(), true,
                                           std::move(instance).value(), source_.get(), clock_);
    ASSERT_TRUE(made.ok()) << made.error().message();
    pipeline_ = std::move(made).value();
  }
  void SetUp() override { folder_ = fs::temp_directory_path() / ("look_again_" + std::to_string(getpid())); }
  void TearDown() override { fs::remove_all(folder_); }

  SteadyClock clock_;
  std::unique_ptr<source::Source> source_;
  std::unique_ptr<pipeline::Pipeline> pipeline_;
  fs::path folder_;
};

TEST_F(LookAgainTest, ShowsThePicturesAskedForAndGivesTheSourceBack) {
  Open(DetectionTask(), "tests/data/pictures");
  std::vector<uint64_t> seen;
  const std::vector<uint64_t> asked = {0, 2};
  const Status status = LookAgain(*pipeline_, *source_, asked, [&](const pipeline::Slot& slot) {
    seen.push_back(slot.frame.id);  // of a visited frame its index
    EXPECT_EQ(slot.detections.size(), 1U);
    return OkStatus();
  });
  ASSERT_TRUE(status.ok()) << status.error().message();
  EXPECT_EQ(seen, asked);
  pipeline_->slot(0).Clear();
  ASSERT_TRUE(pipeline_->Prepare(pipeline_->slot(0)).ok());
  EXPECT_EQ(pipeline_->slot(0).frame.id, 0U) << "the source's first acquire";
}

TEST_F(LookAgainTest, EndsWithTheFirstErrorAndGivesTheSourceBack) {
  Open(DetectionTask(), "tests/data/pictures");
  const std::vector<uint64_t> asked = {0, 1};
  int shown = 0;
  const Status status = LookAgain(*pipeline_, *source_, asked, [&](const pipeline::Slot&) -> Status {
    ++shown;
    return Error(ErrorKind::kUnavailable, "no room");
  });
  EXPECT_EQ(status.error().message(), "no room");
  EXPECT_EQ(shown, 1);
  pipeline_->slot(0).Clear();
  EXPECT_TRUE(pipeline_->Prepare(pipeline_->slot(0)).ok());
}

TEST(PicturesSeen, AreThoseWithAResultTheFirstOnes) {
  const RecordScan scan = [](const RecordVisitor& visit) {
    for (const uint64_t picture : {7, 3, 3, 9, 1}) {
      RequestRecord record;
      record.picture = picture;
      if (picture == 1) record.outcome = Outcome::kError;
      visit(record, {});
    }
    return OkStatus();
  };
  EXPECT_THAT(PicturesSeen(scan, 10).value(), ElementsAre(3, 7, 9));
  EXPECT_THAT(PicturesSeen(scan, 2).value(), ElementsAre(3, 7));
}

TEST_F(LookAgainTest, DetectionsOfAPictureHaveItsNameAndLabels) {
  Open(DetectionTask(), "tests/data/pictures");
  const std::vector<uint64_t> asked = {0};
  const std::vector<std::string> labels = {"cat", "dog"};
  PictureResult result;
  ASSERT_TRUE(LookAgain(*pipeline_, *source_, asked, [&](const pipeline::Slot& slot) {
                result = DetectionsOf(0, slot, *source_, labels);
                return OkStatus();
              }).ok());
  EXPECT_EQ(result.picture, "astronaut.jpg");
  EXPECT_EQ(result.top_class, 1);
  ASSERT_TRUE(result.detections && result.detections->size() == 1);
  EXPECT_EQ(result.detections->at(0).label, "dog");
  EXPECT_EQ(result.detections->at(0).box, (Box{0.25F, 0.25F, 0.75F, 0.75F}));
}

TEST_F(LookAgainTest, SavedPicturesAreNamedAfterTheOriginalsWithTheBoxOnThem) {
  Open(DetectionTask(), "tests/data/pictures");
  auto saver = FrameSaver::Create(folder_, *source_, {});
  ASSERT_TRUE(saver.ok());
  std::vector<uint64_t> all(static_cast<size_t>(source_->pictures()));
  for (size_t i = 0; i < all.size(); ++i) all[i] = i;
  size_t at = 0;
  const Status status = LookAgain(*pipeline_, *source_, all,
                                  [&](const pipeline::Slot& slot) { return saver->Save(all[at++], slot); });
  ASSERT_TRUE(status.ok()) << status.error().message();
  const cv::Mat drawn = cv::imread(folder_ / "chelsea.png");
  const cv::Mat original = cv::imread("tests/data/pictures/chelsea.png");
  ASSERT_EQ(drawn.size(), original.size());
  EXPECT_NE(drawn.at<cv::Vec3b>(drawn.rows / 2, drawn.cols / 4),
            original.at<cv::Vec3b>(drawn.rows / 2, drawn.cols / 4));
  EXPECT_EQ(drawn.at<cv::Vec3b>(drawn.rows / 2, drawn.cols / 2),
            original.at<cv::Vec3b>(drawn.rows / 2, drawn.cols / 2));
  EXPECT_TRUE(fs::exists(folder_ / "astronaut.jpg"));
}

TEST_F(LookAgainTest, FramesOfNoFileAreJpegs) {
  Open(DetectionTask(), "synthetic:64x48");
  auto saver = FrameSaver::Create(folder_, *source_, {});
  ASSERT_TRUE(saver.ok());
  const std::vector<uint64_t> asked = {0};
  ASSERT_TRUE(LookAgain(*pipeline_, *source_, asked, [&](const pipeline::Slot& slot) {
                const Status first = saver->Save(0, slot);
                return first.ok() ? saver->Save(0, slot) : first;
              }).ok());
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder_)) names.push_back(entry.path().filename().string());
  ASSERT_EQ(names.size(), 2U) << "one name is taken once";
  EXPECT_THAT(names,
              ::testing::UnorderedElementsAre("synthetic_64x48_00000.jpg", "synthetic_64x48_00000_2.jpg"));
}

TEST_F(LookAgainTest, AFolderThatIsNoneIsNamedBeforeMeasuring) {
  EXPECT_TRUE(CheckFramesFolder(folder_ / "new").ok());
  EXPECT_FALSE(fs::exists(folder_)) << "asking makes nothing";
  EXPECT_THAT(CheckFramesFolder("tests/data/pictures/chelsea.png").error().message(),
              HasSubstr("--save-frames: tests/data/pictures/chelsea.png is no folder"));
  EXPECT_THAT(CheckFramesFolder("tests/data/pictures/chelsea.png/new").error().message(),
              HasSubstr("--save-frames: "));
}

}  // namespace
}  // namespace sightline::cli
