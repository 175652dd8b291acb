// A video's frames in order, decoded when they are asked for and not before: by one thread, the caller's, so
// that no codec works on later frames while other stages are measured.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>

#include "src/base/result.h"
#include "src/flow/image.h"
#include "src/source/libav.h"

namespace sightline::source {

// Not thread-safe. Errors say only why: the caller names the file.
class VideoReader {
 public:
  static Result<std::unique_ptr<VideoReader>> Open(const std::filesystem::path& path);

  // The index of the frame that comes next.
  int64_t position() const { return position_; }

  // Decodes the next frame into `pixels` (BGR, as it is stored: rotation a phone has noted is not applied);
  // false at the end. A frame that is damaged is an error, also where the codec could paint over it.
  Result<bool> Read(Image& pixels);
  // The same without the pixels.
  Result<bool> Skip();
  // Back to the first frame; the file stays open.
  Status Rewind();

 private:
  explicit VideoReader(std::filesystem::path path);
  Status Start();
  Result<bool> NextFrame();
  Status Decode();
  Status SendPacket();
  Status Convert(Image& pixels);

  std::filesystem::path path_;
  Container container_;
  LibavPtr<AVCodecContext> codec_;
  LibavPtr<AVPacket> packet_;
  LibavPtr<AVFrame> frame_;  // as decoded
  LibavPtr<AVFrame> bgr_;    // rows padded, as libswscale needs them
  LibavPtr<SwsContext> scaler_;
  int64_t position_ = 0;
  int64_t first_timestamp_ = AV_NOPTS_VALUE;
  bool draining_ = false;  // the file has ended; the codec may still hold frames
  bool has_frame_ = false;
};

}  // namespace sightline::source
