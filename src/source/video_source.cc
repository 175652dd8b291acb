#include <cstdlib>
#include <exception>
#include <mutex>
#include <opencv2/core.hpp>
#include <opencv2/videoio.hpp>
#include <utility>

#include "src/source/pictures.h"
#include "src/source/sources.h"

namespace sightline::source {
namespace {

namespace fs = std::filesystem;

// libavcodec's remarks on damaged frames would go to stderr, between our own lines. Must come before OpenCV
// first uses it; whoever wants to see them sets the variable.
void SilenceLibavcodec() {
  static std::once_flag once;
  std::call_once(once, [] { setenv("OPENCV_FFMPEG_LOGLEVEL", "-8", 0); });
}

// A video read in order. Throws what OpenCV throws; not thread-safe.
class VideoReader {
 public:
  explicit VideoReader(fs::path path) : path_(std::move(path)) {}

  // From the start, also when it is open already.
  bool Open() {
    position_ = 0;
    return capture_.open(path_.string(), cv::CAP_FFMPEG);
  }

  // By the container: 0 where it does not say.
  int64_t FrameCount() const { return static_cast<int64_t>(capture_.get(cv::CAP_PROP_FRAME_COUNT)); }
  bool open() const { return capture_.isOpened(); }
  // The index of the frame that comes next.
  int64_t position() const { return position_; }

  // Decodes the next frame into `pixels`; false at the end.
  bool Read(Image& pixels) {
    if (!capture_.grab()) return false;
    const int width = static_cast<int>(capture_.get(cv::CAP_PROP_FRAME_WIDTH));
    const int height = static_cast<int>(capture_.get(cv::CAP_PROP_FRAME_HEIGHT));
    pixels.Reset(width, height, PixelOrder::kBgr);
    cv::Mat frame(height, width, CV_8UC3, pixels.data());
    if (!capture_.retrieve(frame) || frame.type() != CV_8UC3) return false;
    if (frame.data != pixels.data()) {  // of another size than announced, e.g. rotated
      pixels.Reset(frame.cols, frame.rows, PixelOrder::kBgr);
      frame.copyTo(cv::Mat(frame.rows, frame.cols, CV_8UC3, pixels.data()));
    }
    ++position_;
    return true;
  }

  // Passes over a frame; false at the end.
  bool Skip() {
    if (!capture_.grab()) return false;
    ++position_;
    return true;
  }

 private:
  fs::path path_;
  cv::VideoCapture capture_;
  int64_t position_ = 0;
};

class VideoSource final : public Source {
 public:
  explicit VideoSource(const fs::path& path) : name_(path.string()), reader_(path), visitor_(path) {}

  // Opens the file and decodes a frame, so that a file that is no video is found at once.
  Status Open() {
    return Guarded([&]() -> Status {
      Image first;
      if (!reader_.Open() || !reader_.Read(first)) return NoVideo();
      size_text_ = std::to_string(first.width()) + "x" + std::to_string(first.height());
      count_ = reader_.FrameCount();
      if (count_ < 1) {
        while (reader_.Skip()) continue;
        count_ = reader_.position();
      }
      return reader_.Open() ? OkStatus() : NoVideo();
    });
  }

  Status Acquire(Frame& frame) override {
    const std::scoped_lock lock(reader_mutex_);
    frame.id = next_id_++;
    return Guarded([&]() -> Status {
      Prepare(reader_.position(), frame);
      if (reader_.Read(frame.pixels)) return OkStatus();
      Prepare(0, frame);
      if (reader_.Open() && reader_.Read(frame.pixels)) return OkStatus();
      return CantRead(0);
    });
  }

  Status Visit(int64_t index, Frame& frame) override {
    const std::scoped_lock lock(visitor_mutex_);
    frame.id = static_cast<uint64_t>(index);
    return Guarded([&]() -> Status {
      Prepare(index, frame);
      if (!visitor_.open() || visitor_.position() > index) {
        if (!visitor_.Open()) return CantRead(index);
      }
      while (visitor_.position() < index) {
        if (!visitor_.Skip()) return CantRead(index);
      }
      return visitor_.Read(frame.pixels) ? OkStatus() : CantRead(index);
    });
  }

  int64_t pictures() const override { return count_; }
  bool encoded() const override { return false; }
  std::string description() const override {
    return "video " + name_ + " (" + std::to_string(count_) + " frames of " + size_text_ +
           ", decoded while they are acquired)";
  }

 private:
  void Prepare(int64_t index, Frame& frame) const {
    frame.picture = static_cast<uint64_t>(index);
    frame.capture_ns = 0;
    frame.name = name_;
    frame.encoded = {};
  }

  // Runs `body`, in which OpenCV may throw.
  template <typename Body>
  Status Guarded(const Body& body) const {
    try {
      return body();
    } catch (const std::exception& exception) {
      return Error(ErrorKind::kInternal,
                   "OpenCV failed to read the video " + name_ + ": " + exception.what());
    }
  }

  Status NoVideo() const {
    return Error(ErrorKind::kInvalidArgument, "the input " + name_ + " is neither a picture (" +
                                                  PictureSuffixes() +
                                                  ") nor a video that libavcodec can decode");
  }

  Status CantRead(int64_t index) const {
    return Error(ErrorKind::kInvalidArgument,
                 "frame " + std::to_string(index) + " of the video " + name_ + " can't be decoded");
  }

  std::string name_;
  std::string size_text_;
  int64_t count_ = 0;
  std::mutex reader_mutex_;
  VideoReader reader_;
  uint64_t next_id_ = 0;
  std::mutex visitor_mutex_;
  VideoReader visitor_;
};

}  // namespace

Result<std::unique_ptr<Source>> OpenVideo(const fs::path& path) {
  SilenceLibavcodec();
  auto source = std::make_unique<VideoSource>(path);
  SIGHTLINE_RETURN_IF_ERROR(source->Open());
  return std::unique_ptr<Source>(std::move(source));
}

}  // namespace sightline::source
