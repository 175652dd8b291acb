// FFmpeg's libraries, behind owning types. What they say to stderr is silenced: each failure becomes an
// error.
#pragma once

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libswscale/swscale.h>
}

#include <filesystem>
#include <memory>
#include <string>

#include "src/base/result.h"

namespace sightline::source {

struct FreeLibav {
  void operator()(AVFormatContext* format) const { avformat_close_input(&format); }
  void operator()(AVCodecContext* codec) const { avcodec_free_context(&codec); }
  void operator()(AVPacket* packet) const { av_packet_free(&packet); }
  void operator()(AVFrame* frame) const { av_frame_free(&frame); }
  void operator()(SwsContext* scaler) const { sws_freeContext(scaler); }
};
template <typename T>
using LibavPtr = std::unique_ptr<T, FreeLibav>;

// "Invalid data found when processing input"
std::string LibavErrorText(int code);

// A container, open at its start, and which of its streams is the video; the other streams are there too.
struct Container {
  LibavPtr<AVFormatContext> format;
  AVStream* video = nullptr;
  const AVCodec* codec = nullptr;
};

// The error says only why: the caller knows what the file was to be.
Result<Container> OpenContainer(const std::filesystem::path& path);

}  // namespace sightline::source
