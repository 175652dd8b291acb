#include "src/source/video_survey.h"

#include <algorithm>
#include <cstdio>

#include "src/source/libav.h"

namespace sightline::source {
namespace {

// Headers round, and audio may end a little before or after the picture.
constexpr double kSlackSeconds = 0.5;

struct Survey {
  int64_t frames = 0;
  double end_s = 0;   // of the last packet of any stream, from the file's start
  bool whole = true;  // no packet was cut short
  int end_code = 0;   // what libavformat said after the last packet
};

double StartSeconds(const AVFormatContext& format) {
  return format.start_time == AV_NOPTS_VALUE ? 0 : static_cast<double>(format.start_time) / AV_TIME_BASE;
}

// When a packet ends, from the file's start; 0: it does not say.
double EndSeconds(const AVFormatContext& format, const AVPacket& packet) {
  const int64_t begin = packet.pts != AV_NOPTS_VALUE ? packet.pts : packet.dts;
  if (begin == AV_NOPTS_VALUE) return 0;
  const AVRational unit = format.streams[packet.stream_index]->time_base;
  return static_cast<double>(begin + packet.duration) * av_q2d(unit) - StartSeconds(format);
}

// How long the header says the file is; 0: it does not say. The count of frames counts too, because
// libavformat shortens an AVI's duration to what the file's size suggests.
double AnnouncedSeconds(const Container& container) {
  const AVFormatContext& format = *container.format;
  if (format.duration_estimation_method == AVFMT_DURATION_FROM_BITRATE) return 0;
  double announced = 0;
  if (format.duration != AV_NOPTS_VALUE) announced = static_cast<double>(format.duration) / AV_TIME_BASE;
  const double rate = av_q2d(container.video->avg_frame_rate);
  if (rate > 0) announced = std::max(announced, static_cast<double>(container.video->nb_frames) / rate);
  return announced;
}

Result<Survey> GoThrough(const Container& container, const std::atomic<bool>* stop) {
  Survey survey;
  const LibavPtr<AVPacket> packet(av_packet_alloc());
  while ((survey.end_code = av_read_frame(container.format.get(), packet.get())) >= 0) {
    if (stop != nullptr && *stop) return Error(ErrorKind::kCancelled, "interrupted");
    survey.end_s = std::max(survey.end_s, EndSeconds(*container.format, *packet));
    survey.whole = survey.whole && (packet->flags & AV_PKT_FLAG_CORRUPT) == 0;
    if (packet->stream_index == container.video->index && packet->size > 0) ++survey.frames;
    av_packet_unref(packet.get());
  }
  return survey;
}

std::string SecondsText(double seconds) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f s", seconds);
  return text;
}

}  // namespace

Result<int64_t> CountFrames(const std::filesystem::path& path, const std::atomic<bool>* stop) {
  SIGHTLINE_ASSIGN_OR_RETURN(const Container container, OpenContainer(path));
  SIGHTLINE_ASSIGN_OR_RETURN(const Survey survey, GoThrough(container, stop));
  if (survey.end_code != AVERROR_EOF) {
    return Error(ErrorKind::kInvalidArgument, "it can't be read beyond " + SecondsText(survey.end_s) + " (" +
                                                  LibavErrorText(survey.end_code) + ")");
  }
  const double announced_s = AnnouncedSeconds(container);
  if (!survey.whole || survey.end_s < announced_s - kSlackSeconds) {
    return Error(ErrorKind::kInvalidArgument, "it is cut off: its header announces " +
                                                  SecondsText(announced_s) + " and " +
                                                  SecondsText(survey.end_s) + " are there");
  }
  return survey.frames;
}

}  // namespace sightline::source
