#include "src/source/source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <opencv2/core.hpp>
#include <opencv2/videoio.hpp>
#include <set>
#include <thread>
#include <utility>
#include <vector>

namespace sightline::source {
namespace {

namespace fs = std::filesystem;

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr char kPictures[] = "tests/data/pictures";

// A folder of its own for each test.
class SourceTest : public testing::Test {
 protected:
  SourceTest() : folder_(testing::TempDir() + "source_" + Name()) {
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  ~SourceTest() override { fs::remove_all(folder_); }

  static std::string Name() { return testing::UnitTest::GetInstance()->current_test_info()->name(); }
  std::string In(const std::string& name) const { return (folder_ / name).string(); }
  void Write(const std::string& name, const std::string& content) const {
    std::ofstream(folder_ / name, std::ios::binary) << content;
  }

  fs::path folder_;
};

std::string ErrorOf(const std::string& spec, const SourceOptions& options = {}) {
  const auto source = OpenSource(spec, options);
  return source.ok() ? std::string() : source.error().message();
}

std::unique_ptr<Source> Open(const std::string& spec, const SourceOptions& options = {}) {
  auto source = OpenSource(spec, options);
  EXPECT_TRUE(source.ok()) << source.error().message();
  return source.ok() ? std::move(source).value() : nullptr;
}

std::string TextOf(const Frame& frame) {
  return {frame.encoded.begin(), frame.encoded.end()};
}

// The names of the next `count` frames, without the folder.
std::vector<std::string> NextNames(Source& source, int count) {
  std::vector<std::string> names;
  Frame frame;
  for (int i = 0; i < count; ++i) {
    EXPECT_TRUE(source.Acquire(frame).ok());
    names.push_back(fs::path(frame.name).filename());
  }
  return names;
}

TEST_F(SourceTest, TakesAFoldersPicturesByNameAndStartsOver) {
  for (const char* name : {"b.JPG", "a.jpeg", "c.Png", "d.jfif", "notes.txt", "e.jpg.part", "noext"})
    Write(name, name);
  fs::create_directories(folder_ / "deeper.jpg");
  Write("deeper.jpg/x.jpg", "x");
  const auto source = Open(folder_);
  EXPECT_EQ(source->pictures(), 4);
  EXPECT_TRUE(source->encoded());
  EXPECT_THAT(NextNames(*source, 5), ElementsAre("a.jpeg", "b.JPG", "c.Png", "d.jfif", "a.jpeg"));
  EXPECT_EQ(source->description(), "4 pictures, " + folder_.string() + " (0.0 MB, held in memory)");
}

TEST_F(SourceTest, NumbersFramesAndPictures) {
  Write("a.jpg", "first");
  Write("b.jpg", "second");
  const auto source = Open(folder_);
  Frame frame;
  for (uint64_t i = 0; i < 5; ++i) {
    ASSERT_TRUE(source->Acquire(frame).ok());
    EXPECT_EQ(frame.id, i);
    EXPECT_EQ(frame.picture, i % 2);
    EXPECT_EQ(TextOf(frame), i % 2 == 0 ? "first" : "second");
    EXPECT_TRUE(frame.pixels.empty());
  }
}

TEST_F(SourceTest, TakesASinglePictureAndAGlob) {
  EXPECT_EQ(Open(std::string(kPictures) + "/coffee.jpg")->pictures(), 1);
  EXPECT_THAT(NextNames(*Open(std::string(kPictures) + "/*.jp*g"), 3),
              ElementsAre("astronaut.jpg", "coffee.jpg", "rocket.jpeg"));
  EXPECT_THAT(NextNames(*Open(std::string(kPictures) + "/[ac]*"), 3),
              ElementsAre("astronaut.jpg", "chelsea.png", "coffee.jpg"));
}

TEST_F(SourceTest, KnowsASinglePictureByItsFirstBytes) {
  fs::copy_file(std::string(kPictures) + "/coffee.jpg", folder_ / "coffee");
  const auto source = Open(In("coffee"));
  EXPECT_TRUE(source->encoded());
  EXPECT_EQ(source->pictures(), 1);
}

TEST(PreloadLimit, IsAQuarterOfWhatMayBeUsed) {
  constexpr int64_t kMiB = 1 << 20;
  EXPECT_EQ(PreloadLimit(std::nullopt, std::nullopt), size_t{1024} * kMiB);
  EXPECT_EQ(PreloadLimit(65536 * kMiB, std::nullopt), size_t{1024} * kMiB);
  EXPECT_EQ(PreloadLimit(65536 * kMiB, 2048 * kMiB), size_t{512} * kMiB);
  EXPECT_EQ(PreloadLimit(800 * kMiB, 2048 * kMiB), size_t{200} * kMiB);
  EXPECT_EQ(PreloadLimit(1 * kMiB, std::nullopt), size_t{64} * kMiB);
}

TEST_F(SourceTest, TakesAFileWhoseNameLooksLikeAGlob) {
  Write("odd[1]*.jpg", "odd");
  EXPECT_THAT(NextNames(*Open(In("odd[1]*.jpg")), 1), ElementsAre("odd[1]*.jpg"));
}

TEST_F(SourceTest, ReadsAtEachAcquireIfAskedToOrIfThePicturesAreTooMany) {
  Write("a.jpg", "old");
  Write("b.jpg", "other");
  const auto held = Open(folder_);
  const auto asked = Open(folder_, {.read_each_time = true});
  const auto too_many = Open(folder_, {.memory_limit_bytes = 7});
  EXPECT_THAT(asked->description(), HasSubstr("read at each acquire"));
  EXPECT_THAT(too_many->description(), HasSubstr("read at each acquire"));
  Write("a.jpg", "new!");
  Frame frame;
  ASSERT_TRUE(held->Acquire(frame).ok());
  EXPECT_EQ(TextOf(frame), "old");
  ASSERT_TRUE(asked->Acquire(frame).ok());
  EXPECT_EQ(TextOf(frame), "new!");
  ASSERT_TRUE(too_many->Acquire(frame).ok());
  EXPECT_EQ(TextOf(frame), "new!");
}

TEST_F(SourceTest, ReusesTheFramesMemory) {
  Write("a.jpg", "a long picture");
  Write("b.jpg", "short");
  const auto source = Open(folder_, {.read_each_time = true});
  Frame frame;
  ASSERT_TRUE(source->Acquire(frame).ok());
  const uint8_t* memory = frame.encoded.data();
  for (int i = 0; i < 4; ++i) {
    ASSERT_TRUE(source->Acquire(frame).ok());
    EXPECT_EQ(frame.encoded.data(), memory);
  }
}

TEST_F(SourceTest, ReportsAPictureThatVanishedWhileMeasuring) {
  Write("a.jpg", "a");
  const auto source = Open(folder_, {.read_each_time = true});
  fs::remove(folder_ / "a.jpg");
  Frame frame;
  const Status status = source->Acquire(frame);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().kind(), ErrorKind::kNotFound);
  EXPECT_EQ(status.error().message(),
            "can't read the picture " + In("a.jpg") + ": No such file or directory");
}

TEST_F(SourceTest, VisitsAnyPictureWithoutTouchingTheOrder) {
  Write("a.jpg", "first");
  Write("b.jpg", "second");
  const auto source = Open(folder_);
  Frame frame;
  ASSERT_TRUE(source->Visit(1, frame).ok());
  EXPECT_EQ(TextOf(frame), "second");
  EXPECT_EQ(frame.id, 1u);
  ASSERT_TRUE(source->Acquire(frame).ok());
  EXPECT_EQ(frame.id, 0u);
  EXPECT_EQ(TextOf(frame), "first");
}

TEST_F(SourceTest, GivesEachLaneFramesOfItsOwn) {
  for (const char* spec : {kPictures, "synthetic:8x8"}) {
    const auto source = Open(spec);
    std::vector<std::vector<uint64_t>> ids(4);
    std::vector<std::thread> lanes;
    for (auto& lane_ids : ids) {
      lanes.emplace_back([&source, &lane_ids] {
        Frame frame;
        for (int i = 0; i < 500; ++i) {
          if (source->Acquire(frame).ok()) lane_ids.push_back(frame.id);
        }
      });
    }
    for (std::thread& lane : lanes) lane.join();
    std::set<uint64_t> all;
    for (const auto& lane_ids : ids) {
      EXPECT_TRUE(std::ranges::is_sorted(lane_ids));
      all.insert(lane_ids.begin(), lane_ids.end());
    }
    EXPECT_EQ(all.size(), 2000u);
    EXPECT_EQ(*all.rbegin(), 1999u);
  }
}

TEST_F(SourceTest, SaysWhatIsWrongWithAPath) {
  EXPECT_THAT(ErrorOf(""), HasSubstr("no input is named; give a folder of pictures"));
  EXPECT_THAT(ErrorOf("no/such/place"),
              AllOf(HasSubstr("the input no/such/place does not exist; give a folder"),
                    HasSubstr("synthetic:640x480")));
  EXPECT_EQ(ErrorOf("no/such/*.jpg"), "no file matches 'no/such/*.jpg'");
  EXPECT_THAT(ErrorOf("/dev/null"), HasSubstr("the input /dev/null is neither a file nor a folder"));
}

TEST_F(SourceTest, SaysWhatIsWrongWithAFolder) {
  EXPECT_EQ(ErrorOf(folder_), "the folder " + folder_.string() + " is empty; put pictures into it");
  Write("readme.txt", "no picture");
  EXPECT_EQ(ErrorOf(folder_), "the folder " + folder_.string() +
                                  " has no pictures directly in it; files that end with .jpg, .jpeg, .jpe, "
                                  ".jfif, .png, .bmp, .webp count");
  EXPECT_EQ(ErrorOf(In("*.txt")), "nothing that '" + In("*.txt") +
                                      "' matches is a picture; files that end with .jpg, .jpeg, .jpe, .jfif, "
                                      ".png, .bmp, .webp count");
}

TEST_F(SourceTest, SaysWhichPictureCantBeRead) {
  Write("a.jpg", "");
  EXPECT_EQ(ErrorOf(folder_), "the picture " + In("a.jpg") + " is an empty file");
  Write("a.jpg", "123456789");
  EXPECT_THAT(
      ErrorOf(folder_, {.memory_limit_bytes = 8}),
      AllOf(HasSubstr("the picture " + In("a.jpg") + " has 0.0 MB, more than"), HasSubstr("leave it out")));
  fs::remove(folder_ / "a.jpg");
  fs::create_symlink("nowhere", folder_ / "b.jpg");
  EXPECT_EQ(ErrorOf(folder_), "can't read the picture " + In("b.jpg") + ": No such file or directory");
  fs::remove(folder_ / "b.jpg");
  fs::create_symlink("b.jpg", folder_ / "b.jpg");  // as in a folder that may be listed and not entered
  EXPECT_THAT(ErrorOf(folder_), HasSubstr("can't read the picture " + In("b.jpg") + ": "));
}

TEST_F(SourceTest, SyntheticScenesComeAsTexturedPixels) {
  const auto source = Open("synthetic:160x120");
  EXPECT_FALSE(source->encoded());
  EXPECT_EQ(source->pictures(), 16);
  EXPECT_EQ(source->description(), "16 pictures of a synthetic scene, 160x120 pixels, not encoded");
  Frame frame;
  ASSERT_TRUE(source->Acquire(frame).ok());
  EXPECT_TRUE(frame.encoded.empty());
  EXPECT_EQ(frame.name, "synthetic:160x120");
  ASSERT_EQ(frame.pixels.width(), 160);
  ASSERT_EQ(frame.pixels.height(), 120);
  const std::span<const uint8_t> pixels(frame.pixels.data(), 160 * 120 * 3);
  double sum = 0;
  double sum_of_squares = 0;
  for (const uint8_t value : pixels) {
    sum += value;
    sum_of_squares += value * value;
  }
  const double mean = sum / static_cast<double>(pixels.size());
  EXPECT_NEAR(mean, 127, 40);
  EXPECT_GT(sum_of_squares / static_cast<double>(pixels.size()) - mean * mean, 15.0 * 15);
}

TEST_F(SourceTest, SyntheticScenesPanAndRepeatForTheSameSeed) {
  const auto scene_of = [](Source& source, int frames) {
    Frame frame;
    for (int i = 0; i < frames; ++i) EXPECT_TRUE(source.Acquire(frame).ok());
    return std::vector<uint8_t>(frame.pixels.data(), frame.pixels.data() + 64 * 48 * 3);
  };
  const auto first = scene_of(*Open("synthetic:64x48"), 1);
  const auto second = scene_of(*Open("synthetic:64x48"), 2);
  EXPECT_EQ(scene_of(*Open("synthetic:64x48"), 1), first);
  EXPECT_EQ(scene_of(*Open("synthetic:64x48"), 17), first);
  EXPECT_NE(scene_of(*Open("synthetic:64x48", {.seed = 2}), 1), first);
  // The camera moves 4 pixels to the right and down: pixel (10, 10) of the second is pixel (14, 14) of the
  // first.
  EXPECT_EQ(second[(10 * 64 + 10) * 3], first[(14 * 64 + 14) * 3]);
  EXPECT_NE(second, first);
}

TEST_F(SourceTest, SaysWhatSizesASyntheticSceneMayHave) {
  for (const char* spec :
       {"synthetic:", "synthetic:640", "synthetic:640x", "synthetic:x480", "synthetic:640x480x3",
        "synthetic:0x480", "synthetic:-1x480", "synthetic:640x8193", "synthetic:99999999999x1"}) {
    EXPECT_EQ(ErrorOf(spec), "'" + std::string(spec) + "' has no size like 640x480, with sides of 1 to 8192");
  }
}

class VideoTest : public SourceTest {
 protected:
  // Frames of one grey each: 10, 30, 50, ...
  std::string WriteVideo(int frames) const {
    const std::string path = In("clip.avi");
    cv::VideoWriter writer(path, cv::CAP_FFMPEG, cv::VideoWriter::fourcc('M', 'J', 'P', 'G'), 25, {64, 48});
    EXPECT_TRUE(writer.isOpened());
    for (int i = 0; i < frames; ++i) writer.write(cv::Mat(48, 64, CV_8UC3, cv::Scalar::all(Grey(i))));
    return path;
  }
  static int Grey(int frame) { return 10 + 20 * frame; }

  // Frames of 320 x 240 that no codec can predict.
  static void WriteNoise(const std::string& path, const char* codec, int frames) {
    const int fourcc = cv::VideoWriter::fourcc(codec[0], codec[1], codec[2], codec[3]);
    cv::VideoWriter writer(path, cv::CAP_FFMPEG, fourcc, 25, {320, 240});
    EXPECT_TRUE(writer.isOpened()) << path;
    cv::RNG random(1);
    cv::Mat frame(240, 320, CV_8UC3);
    for (int i = 0; i < frames; ++i) {
      random.fill(frame, cv::RNG::UNIFORM, 0, 256);
      writer.write(frame);
    }
  }
};

TEST_F(VideoTest, GivesTheFramesInOrderAndStartsOver) {
  const std::string path = WriteVideo(5);
  const auto source = Open(path);
  EXPECT_EQ(source->pictures(), 5);
  EXPECT_FALSE(source->encoded());
  EXPECT_EQ(source->description(), "video " + path + " (5 frames of 64x48, decoded while they are acquired)");
  Frame frame;
  for (int i = 0; i < 12; ++i) {
    ASSERT_TRUE(source->Acquire(frame).ok());
    EXPECT_EQ(frame.id, static_cast<uint64_t>(i));
    EXPECT_EQ(frame.picture, static_cast<uint64_t>(i % 5));
    EXPECT_EQ(frame.pixels.width(), 64);
    EXPECT_EQ(frame.pixels.order(), PixelOrder::kBgr);
    EXPECT_NEAR(frame.pixels.data()[1000], Grey(i % 5), 3);
  }
}

TEST_F(VideoTest, VisitsAnyFrame) {
  const auto source = Open(WriteVideo(5));
  Frame frame;
  for (const int index : {0, 3, 1, 4}) {
    ASSERT_TRUE(source->Visit(index, frame).ok());
    EXPECT_EQ(frame.picture, static_cast<uint64_t>(index));
    EXPECT_NEAR(frame.pixels.data()[0], Grey(index), 3);
  }
  ASSERT_TRUE(source->Acquire(frame).ok());
  EXPECT_NEAR(frame.pixels.data()[0], Grey(0), 3);
  const Status beyond = source->Visit(5, frame);
  ASSERT_FALSE(beyond.ok());
  EXPECT_THAT(beyond.error().message(),
              AllOf(HasSubstr("frame 5 of the video"), HasSubstr("can't be decoded")));
}

TEST_F(VideoTest, SaysThatAFileIsNoVideo) {
  Write("notes.txt", "hello");
  EXPECT_THAT(ErrorOf(In("notes.txt")),
              AllOf(HasSubstr("the input " + In("notes.txt") + " is neither a picture (.jpg, "),
                    HasSubstr("nor a video that libavcodec can decode")));
}

TEST_F(VideoTest, NamesAVideoThatIsCutOff) {
  const std::string path = WriteVideo(100);
  fs::resize_file(path, fs::file_size(path) / 2);
  EXPECT_THAT(ErrorOf(path), AllOf(HasSubstr("the video " + path +
                                             " can't be measured, it is cut off: its "
                                             "header announces 4.0 s and "),
                                   HasSubstr("are there; get a whole copy or give another input")));
}

TEST_F(VideoTest, NamesAFrameThatIsDamaged) {
  const std::string path = In("clip.mp4");
  WriteNoise(path, "MP4V", 30);
  const auto source = Open(path);
  std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
  file.seekp(static_cast<std::streamoff>(fs::file_size(path) / 2));
  file << std::string(20000, '\xFF');
  file.close();
  Frame frame;
  Status status;
  for (int i = 0; i < 30 && status.ok(); ++i) status = source->Acquire(frame);
  ASSERT_FALSE(status.ok());
  EXPECT_THAT(status.error().message(),
              AllOf(HasSubstr("of the video " + path + " can't be decoded"), HasSubstr("repair it")));
}

// AVI's own count includes frames that repeat the one before and are not in the file.
TEST_F(VideoTest, CountsTheFramesThatAreThere) {
  const auto source = Open("/usr/share/doc/opencv-doc/examples/data/tree.avi");
  ASSERT_NE(source, nullptr);
  EXPECT_EQ(source->pictures(), 68);
  Frame frame;
  for (uint64_t i = 0; i < 70; ++i) {
    ASSERT_TRUE(source->Acquire(frame).ok());
    EXPECT_EQ(frame.picture, i % 68);
  }
}

TEST_F(VideoTest, StartsOverWithTheSamePixelsInEveryContainer) {
  for (const auto& [file, codec] : {std::pair{"a.avi", "MP4V"}, {"b.webm", "VP80"}, {"c.mp4", "MP4V"}}) {
    WriteNoise(In(file), codec, 12);
    const auto source = Open(In(file));
    ASSERT_NE(source, nullptr);
    ASSERT_EQ(source->pictures(), 12) << file;
    std::vector<std::vector<uint8_t>> round;
    Frame frame;
    for (size_t i = 0; i < 36; ++i) {
      ASSERT_TRUE(source->Acquire(frame).ok());
      const std::vector<uint8_t> pixels(frame.pixels.data(), frame.pixels.data() + 320 * 240 * 3);
      if (i < 12) round.push_back(pixels);
      EXPECT_EQ(pixels, round[i % 12]) << file << " frame " << i;
    }
  }
}

size_t ThreadsOfThisProcess() {
  return static_cast<size_t>(std::distance(fs::directory_iterator("/proc/self/task"), {}));
}

// A codec's own threads would decode ahead while other stages are measured.
TEST_F(VideoTest, DecodesOnTheCallingThreadAlone) {
  WriteNoise(In("clip.avi"), "MP4V", 12);
  const size_t before = ThreadsOfThisProcess();
  const auto source = Open(In("clip.avi"));
  Frame frame;
  ASSERT_TRUE(source->Acquire(frame).ok());
  ASSERT_TRUE(source->Visit(3, frame).ok());
  EXPECT_EQ(ThreadsOfThisProcess(), before);
}

TEST_F(VideoTest, TakesAFileWhoseNameLooksLikeAProtocol) {
  const std::string path = WriteVideo(3);
  const fs::path before = fs::current_path();
  fs::rename(path, folder_ / "12:30.avi");
  fs::current_path(folder_);
  EXPECT_EQ(Open("12:30.avi")->pictures(), 3);
  fs::current_path(before);
}

TEST_F(VideoTest, StopsOpeningWhenToldTo) {
  const std::atomic<bool> stop = true;
  EXPECT_EQ(ErrorOf(WriteVideo(3), {.stop = &stop}), "interrupted");
  EXPECT_EQ(ErrorOf(kPictures, {.stop = &stop}), "interrupted");
}

}  // namespace
}  // namespace sightline::source
