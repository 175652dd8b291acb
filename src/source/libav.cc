#include "src/source/libav.h"

#include <array>
#include <mutex>

namespace sightline::source {
namespace {

// Remarks on damaged data would stand between our own lines.
void Silence() {
  static std::once_flag once;
  std::call_once(once, [] { av_log_set_level(AV_LOG_QUIET); });
}

}  // namespace

std::string LibavErrorText(int code) {
  std::array<char, AV_ERROR_MAX_STRING_SIZE> text{};
  av_strerror(code, text.data(), text.size());
  return text.data();
}

Result<Container> OpenContainer(const std::filesystem::path& path) {
  Silence();
  // With the protocol in front, since "12:30.avi" alone would name a protocol "12".
  const std::string url = "file:" + path.string();
  AVFormatContext* format = nullptr;
  if (const int code = avformat_open_input(&format, url.c_str(), nullptr, nullptr); code < 0) {
    return Error(ErrorKind::kInvalidArgument, LibavErrorText(code));
  }
  Container container{.format = LibavPtr<AVFormatContext>(format)};
  if (const int code = avformat_find_stream_info(format, nullptr); code < 0) {
    return Error(ErrorKind::kInvalidArgument, LibavErrorText(code));
  }
  const int video = av_find_best_stream(format, AVMEDIA_TYPE_VIDEO, -1, -1, &container.codec, 0);
  if (video < 0) return Error(ErrorKind::kInvalidArgument, LibavErrorText(video));
  container.video = format->streams[video];
  return container;
}

}  // namespace sightline::source
