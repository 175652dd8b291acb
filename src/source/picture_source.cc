#include <atomic>
#include <cstdio>
#include <utility>

#include "src/source/pictures.h"
#include "src/source/sources.h"

namespace sightline::source {
namespace {

namespace fs = std::filesystem;

struct Picture {
  fs::path path;
  std::string name;
  std::vector<uint8_t> bytes;  // empty: read at each acquire
};

std::string MegabytesText(size_t bytes) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f MB", static_cast<double>(bytes) / 1e6);
  return text;
}

class PictureSource final : public Source {
 public:
  PictureSource(std::vector<Picture> pictures, std::string description)
      : pictures_(std::move(pictures)), description_(std::move(description)) {}

  Status Acquire(Frame& frame) override {
    frame.id = next_id_.fetch_add(1, std::memory_order_relaxed);
    return Fill(frame.id % pictures_.size(), frame);
  }

  Status Visit(int64_t index, Frame& frame) override {
    frame.id = static_cast<uint64_t>(index);
    return Fill(frame.id, frame);
  }

  int64_t pictures() const override { return static_cast<int64_t>(pictures_.size()); }
  bool encoded() const override { return true; }
  std::string description() const override { return description_; }

 private:
  Status Fill(uint64_t index, Frame& frame) const {
    const Picture& picture = pictures_[index];
    frame.picture = index;
    frame.capture_ns = 0;
    frame.name = picture.name;
    frame.pixels.Reset(0, 0, PixelOrder::kRgb);
    frame.encoded = picture.bytes;
    if (!picture.bytes.empty()) return OkStatus();
    SIGHTLINE_RETURN_IF_ERROR(ReadFile(picture.path, frame.storage));
    frame.encoded = frame.storage;
    return OkStatus();
  }

  std::vector<Picture> pictures_;
  std::string description_;
  std::atomic<uint64_t> next_id_ = 0;
};

}  // namespace

Result<std::unique_ptr<Source>> OpenPictures(std::vector<fs::path> paths, const std::string& place,
                                             const SourceOptions& options) {
  std::vector<Picture> pictures;
  size_t total_bytes = 0;
  for (fs::path& path : paths) {
    SIGHTLINE_ASSIGN_OR_RETURN(const size_t bytes, ReadableSize(path));
    if (bytes > options.memory_limit_bytes) {
      return Error(ErrorKind::kResourceExhausted,
                   "the picture " + path.string() + " has " + MegabytesText(bytes) + ", more than the " +
                       MegabytesText(options.memory_limit_bytes) + " pictures may take; leave it out");
    }
    total_bytes += bytes;
    std::string name = path.string();
    pictures.push_back({std::move(path), std::move(name), {}});
  }
  const bool in_memory = !options.read_each_time && total_bytes <= options.memory_limit_bytes;
  if (in_memory) {
    for (Picture& picture : pictures) {
      if (options.stop != nullptr && *options.stop) return Error(ErrorKind::kCancelled, "interrupted");
      SIGHTLINE_RETURN_IF_ERROR(ReadFile(picture.path, picture.bytes));
    }
  }
  const std::string count =
      std::to_string(pictures.size()) + (pictures.size() == 1 ? " picture, " : " pictures, ");
  std::string description = count + place + " (" + MegabytesText(total_bytes) +
                            (in_memory ? ", held in memory)" : ", read at each acquire)");
  return std::unique_ptr<Source>(
      std::make_unique<PictureSource>(std::move(pictures), std::move(description)));
}

}  // namespace sightline::source
