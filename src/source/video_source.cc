#include <mutex>
#include <new>
#include <utility>

#include "src/source/pictures.h"
#include "src/source/sources.h"
#include "src/source/video_reader.h"
#include "src/source/video_survey.h"

namespace sightline::source {
namespace {

namespace fs = std::filesystem;

class VideoSource final : public Source {
 public:
  explicit VideoSource(const fs::path& path) : path_(path), name_(path.string()) {}

  // Decodes a frame, so that a file that is no video is found at once, and goes through the file, so that one
  // that is cut off is.
  Status Open(const std::atomic<bool>* stop) {
    Image first;
    if (!OpenAndRead(first)) return NoVideo();
    size_text_ = std::to_string(first.width()) + "x" + std::to_string(first.height());
    auto count = CountFrames(path_, stop);
    if (!count.ok()) return CantUse(count.error());
    count_ = *count;
    return WithContext(0, reader_->Rewind());
  }

  Status Acquire(Frame& frame) override {
    const std::scoped_lock lock(reader_mutex_);
    frame.id = next_id_++;
    for (int attempt = 0; attempt < 2; ++attempt) {
      Prepare(reader_->position(), frame);
      const auto there = reader_->Read(frame.pixels);
      if (!there.ok()) return CantRead(reader_->position(), there.error().message());
      if (*there) return OkStatus();
      SIGHTLINE_RETURN_IF_ERROR(WithContext(0, reader_->Rewind()));
    }
    return CantRead(0, "it is no longer there");
  }

  Status Visit(int64_t index, Frame& frame) override {
    const std::scoped_lock lock(visitor_mutex_);
    frame.id = static_cast<uint64_t>(index);
    Prepare(index, frame);
    SIGHTLINE_RETURN_IF_ERROR(WithContext(index, VisitorTo(index)));
    const auto there = visitor_->Read(frame.pixels);
    if (!there.ok()) return CantRead(index, there.error().message());
    return *there ? OkStatus() : CantRead(index, kBeyond);
  }

  int64_t pictures() const override { return count_; }
  bool encoded() const override { return false; }
  std::string description() const override {
    return "video " + name_ + " (" + std::to_string(count_) + " frames of " + size_text_ +
           ", decoded while they are acquired)";
  }

 private:
  static constexpr char kBeyond[] = "the video ends before it";

  bool OpenAndRead(Image& first) {
    auto reader = VideoReader::Open(path_);
    if (!reader.ok()) return false;
    reader_ = std::move(reader).value();
    const auto there = reader_->Read(first);
    return there.ok() && *there;
  }

  // Brings the visitor's reader to a frame.
  Status VisitorTo(int64_t index) {
    if (visitor_ == nullptr) {
      SIGHTLINE_ASSIGN_OR_RETURN(visitor_, VideoReader::Open(path_));
    }
    if (visitor_->position() > index) SIGHTLINE_RETURN_IF_ERROR(visitor_->Rewind());
    while (visitor_->position() < index) {
      SIGHTLINE_ASSIGN_OR_RETURN(const bool there, visitor_->Skip());
      if (!there) return Error(ErrorKind::kInvalidArgument, kBeyond);
    }
    return OkStatus();
  }

  void Prepare(int64_t index, Frame& frame) const {
    frame.picture = static_cast<uint64_t>(index);
    frame.capture_ns = 0;
    frame.name = name_;
    frame.encoded = {};
  }

  Error NoVideo() const {
    return Error(ErrorKind::kInvalidArgument, "the input " + name_ + " is neither a picture (" +
                                                  PictureSuffixes() +
                                                  ") nor a video that libavcodec can decode");
  }

  Error CantUse(const Error& error) const {
    if (error.kind() == ErrorKind::kCancelled) return error;
    return Error(error.kind(), "the video " + name_ + " can't be measured, " + error.message() +
                                   "; get a whole copy or give another input");
  }

  Error CantRead(int64_t index, const std::string& why) const {
    return Error(ErrorKind::kInvalidArgument, "frame " + std::to_string(index) + " of the video " + name_ +
                                                  " can't be decoded (" + why +
                                                  "); repair it or give another input");
  }

  Status WithContext(int64_t index, const Status& status) const {
    return status.ok() ? status : Status(CantRead(index, status.error().message()));
  }

  fs::path path_;
  std::string name_;
  std::string size_text_;
  int64_t count_ = 0;
  std::mutex reader_mutex_;
  std::unique_ptr<VideoReader> reader_;
  uint64_t next_id_ = 0;
  std::mutex visitor_mutex_;
  std::unique_ptr<VideoReader> visitor_;
};

}  // namespace

Result<std::unique_ptr<Source>> OpenVideo(const fs::path& path, const SourceOptions& options) {
  auto source = std::make_unique<VideoSource>(path);
  SIGHTLINE_RETURN_IF_ERROR(source->Open(options.stop));
  return std::unique_ptr<Source>(std::move(source));
}

}  // namespace sightline::source
