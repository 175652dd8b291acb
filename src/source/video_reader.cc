#include "src/source/video_reader.h"

#include <cstring>
#include <utility>

namespace sightline::source {
namespace {

Error Damaged(const std::string& why) {
  return Error(ErrorKind::kInvalidArgument, why);
}

// As OpenCV converts, so that pixels are those that others see.
constexpr int kScalerFlags = SWS_BICUBIC;

}  // namespace

VideoReader::VideoReader(std::filesystem::path path)
    : path_(std::move(path)), packet_(av_packet_alloc()), frame_(av_frame_alloc()), bgr_(av_frame_alloc()) {}

Result<std::unique_ptr<VideoReader>> VideoReader::Open(const std::filesystem::path& path) {
  std::unique_ptr<VideoReader> reader(new VideoReader(path));
  SIGHTLINE_RETURN_IF_ERROR(reader->Start());
  return reader;
}

Status VideoReader::Start() {
  SIGHTLINE_ASSIGN_OR_RETURN(container_, OpenContainer(path_));
  for (unsigned i = 0; i < container_.format->nb_streams; ++i) {
    AVStream* stream = container_.format->streams[i];
    if (stream != container_.video) stream->discard = AVDISCARD_ALL;
  }
  codec_.reset(avcodec_alloc_context3(container_.codec));
  if (codec_ == nullptr || packet_ == nullptr || frame_ == nullptr || bgr_ == nullptr) {
    return Error(ErrorKind::kResourceExhausted, "there is not enough memory for the codec");
  }
  int code = avcodec_parameters_to_context(codec_.get(), container_.video->codecpar);
  codec_->thread_count = 1;
  if (code >= 0) code = avcodec_open2(codec_.get(), container_.codec, nullptr);
  position_ = 0;
  draining_ = false;
  return code >= 0 ? OkStatus() : Damaged(LibavErrorText(code));
}

Result<bool> VideoReader::Read(Image& pixels) {
  SIGHTLINE_ASSIGN_OR_RETURN(const bool there, NextFrame());
  if (there) SIGHTLINE_RETURN_IF_ERROR(Convert(pixels));
  return there;
}

Result<bool> VideoReader::Skip() {
  return NextFrame();
}

Status VideoReader::Rewind() {
  const int64_t start = container_.video->start_time;
  const int code = av_seek_frame(container_.format.get(), container_.video->index,
                                 start == AV_NOPTS_VALUE ? 0 : start, AVSEEK_FLAG_BACKWARD);
  if (code < 0) return Start();
  avcodec_flush_buffers(codec_.get());
  position_ = 0;
  draining_ = false;
  return OkStatus();
}

Result<bool> VideoReader::NextFrame() {
  SIGHTLINE_RETURN_IF_ERROR(Decode());
  if (has_frame_ && position_ == 0) {
    const int64_t timestamp = frame_->best_effort_timestamp;
    // Some containers can't seek to their very start.
    if (first_timestamp_ != AV_NOPTS_VALUE && timestamp != first_timestamp_) {
      SIGHTLINE_RETURN_IF_ERROR(Start());
      SIGHTLINE_RETURN_IF_ERROR(Decode());
    } else {
      first_timestamp_ = timestamp;
    }
  }
  if (has_frame_) ++position_;
  return has_frame_;
}

// The next frame into frame_; has_frame_ tells whether there was one.
Status VideoReader::Decode() {
  has_frame_ = false;
  while (true) {
    const int code = avcodec_receive_frame(codec_.get(), frame_.get());
    if (code == AVERROR_EOF) return OkStatus();
    if (code == AVERROR(EAGAIN)) {
      SIGHTLINE_RETURN_IF_ERROR(SendPacket());
      continue;
    }
    if (code < 0) return Damaged(LibavErrorText(code));
    if (frame_->decode_error_flags != 0 || (frame_->flags & AV_FRAME_FLAG_CORRUPT) != 0) {
      return Damaged("parts of it are missing");
    }
    has_frame_ = true;
    return OkStatus();
  }
}

// The next packet of the video to the codec; after the last the sign to give out what it still holds.
Status VideoReader::SendPacket() {
  while (true) {
    int code = av_read_frame(container_.format.get(), packet_.get());
    if (code == AVERROR_EOF && !draining_) {
      draining_ = true;
      code = avcodec_send_packet(codec_.get(), nullptr);
      return code >= 0 ? OkStatus() : Damaged(LibavErrorText(code));
    }
    if (code < 0) return Damaged(LibavErrorText(code));
    const bool wanted = packet_->stream_index == container_.video->index && packet_->size > 0;
    if (wanted) code = avcodec_send_packet(codec_.get(), packet_.get());
    av_packet_unref(packet_.get());
    if (code < 0) return Damaged(LibavErrorText(code));
    if (wanted) return OkStatus();
  }
}

Status VideoReader::Convert(Image& pixels) {
  const int width = frame_->width;
  const int height = frame_->height;
  if (bgr_->width != width || bgr_->height != height) {
    av_frame_unref(bgr_.get());
    bgr_->format = AV_PIX_FMT_BGR24;
    bgr_->width = width;
    bgr_->height = height;
    if (av_frame_get_buffer(bgr_.get(), 0) < 0) {
      return Error(ErrorKind::kResourceExhausted, "there is not enough memory for its pixels");
    }
  }
  scaler_.reset(sws_getCachedContext(scaler_.release(), width, height,
                                     static_cast<AVPixelFormat>(frame_->format), width, height,
                                     AV_PIX_FMT_BGR24, kScalerFlags, nullptr, nullptr, nullptr));
  if (scaler_ == nullptr) return Damaged("its pixel format can't be converted");
  sws_scale(scaler_.get(), frame_->data, frame_->linesize, 0, height, bgr_->data, bgr_->linesize);
  pixels.Reset(width, height, PixelOrder::kBgr);
  for (int y = 0; y < height; ++y) {
    std::memcpy(pixels.data() + static_cast<size_t>(y) * pixels.stride_bytes(),
                bgr_->data[0] + static_cast<ptrdiff_t>(y) * bgr_->linesize[0], pixels.stride_bytes());
  }
  return OkStatus();
}

}  // namespace sightline::source
